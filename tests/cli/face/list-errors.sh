# SPDX-License-Identifier: MIT
# 6024 to 6028: a page is a whole number from 1, a term has five characters.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
facesearch face list --page 1; echo "exit $?"
facesearch face list --collection staff; echo "exit $?"
for page in '' 0 -1 1.5 one 1x; do facesearch face list --collection staff --page "$page"; echo "exit $?"; done
facesearch face list --collection staff --page 1 --term abcd; echo "exit $?"
facesearch face list --collection staff --page 1 --term ''; echo "exit $?"
facesearch face list --collection nobody --page 1; echo "exit $?"
facesearch face list --collection former --page 1; echo "exit $?"
facesearch face list --collection staff --page 1 --term abcde
facesearch face list --collection staff --page 99999999999999999999
