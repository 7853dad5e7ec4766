# SPDX-License-Identifier: MIT
# --help and --version answer with 0.
facesearch --version; echo "exit $?"
for command in '' init 'collection create' search enroll 'face list' 'face delete' verify detect 'key create' doctor; do
  facesearch $command --help >help.txt; echo "facesearch $command --help: exit $?, $(grep -c . help.txt | sed 's/^[1-9][0-9]*$/some/') lines"
done
