# SPDX-License-Identifier: MIT
# --output table: names, scores and boxes for people, everywhere. Scores and boxes are shortened here.
short() { sed -E 's/\.[0-9]+//g; s/ +$//'; }
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ada --metadata floor=3 --image "$PEOPLE/person01-1.jpg" >made.json
facesearch enroll --collection staff --name Grace --image "$PEOPLE/person02-1.jpg" >made.json
show() { echo "--- $*"; facesearch --output table "$@"; }
show face list --collection staff
show person list --collection staff
show collection list
show key list
show search --collection staff --name door --image "$PEOPLE/person03-1.jpg" | grep -v -E '^(found_by|face) ' | short
echo "--- every face of a picture"
facesearch search --collection staff --name door --image "$PICTURES/four-people.jpg" --faces all --output table |
  sed -E '/^$/,$d; s/([0-9]+)(\.[0-9]+)?x[0-9.]+ at [0-9.,-]+/<box>/; s/ +[0-9a-f]{8}-.*//; s/ +/ /g' | cut -d ' ' -f 1-6 | short
echo "--- detect"
facesearch detect "$PICTURES/four-people.jpg" --output table | head -n 3 | sed -E 's/[0-9]+\.?[0-9]*/0/g; s/ +/ /g'
show verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-4.jpg" | short | grep -E '^match|^policy'
show models list | head -n 2 | cut -c 1-30
show collection create staff --quiet
show face list --collection nobody
echo "--- doctor writes for people already; a contradiction is wrong use"
facesearch doctor --output table | cmp - <(facesearch doctor) && echo "the same"
facesearch doctor --json --output table; echo "exit $?"
