# SPDX-License-Identifier: MIT
# 2: wrong use of the command line leaves standard output empty and is explained on standard error.
facesearch init >made.json
wrong() { facesearch "$@" >out.txt 2>err.txt; echo "facesearch $*: exit $?, $(wc -c <out.txt) bytes on stdout, $(grep -c "^facesearch: " err.txt) line says what is wrong"; }
wrong
wrong recognise
wrong --frobnicate
wrong search --frobnicate
wrong collection
wrong collection create
wrong collection create staff --similarity high
wrong collection create staff --enroll-liveness maybe
wrong collection create staff --duplicates never
wrong key create --scope everything
wrong search --request request.json --collection staff
wrong enroll --collection staff --metadata team
wrong verify "only-one.jpg"
wrong verify a.jpg b.jpg --collection staff
wrong detect
wrong collection list --lock-timeout -1
wrong collection list --lock-timeout soon
