# SPDX-License-Identifier: MIT
# A mistyped command or option is answered with the nearest one, and help for what is not there is wrong use.
wrong() { facesearch "$@" 2>&1 >out.txt | grep "^facesearch: "; echo "exit ${PIPESTATUS[0]}, $(wc -c <out.txt) bytes on stdout"; }
wrong serach
wrong persn list
wrong person lsit --collection staff
wrong search --colection staff
wrong search --stroe /tmp
wrong recognise
wrong search --frobnicate
# A word in the place of a subcommand may be a name: it is not shown.
wrong person "Ada Lovelace"
wrong recognise --help
wrong face lsit --help
facesearch face list --help >out.txt; echo "exit $?"
# A threshold of another scale would accept everybody.
wrong collection create staff --similarity 0.8
wrong verify a.jpg b.jpg --similarity .95
wrong collection create staff --search-liveness-threshold 0.5
wrong search --merge --faces all
wrong dedupe --collection staff --threshold 0.9
