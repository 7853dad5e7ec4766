# SPDX-License-Identifier: MIT
# A batch with --output table has a row an input, as it is answered, and its summary at the end.
facesearch init >made.json
facesearch collection create staff >made.json
cp "$PEOPLE/person01-1.jpg" "Ada.jpg"
cp "$PEOPLE/person02-1.jpg" "Grace Hopper.jpg"
cp "$PEOPLE/person03-1.jpg" "Zoe.jpg"
echo text >"text.jpg"
facesearch enroll --collection staff --name-from '{stem}' Ada.jpg "Grace Hopper.jpg" text.jpg --quiet --output table |
  grep -v -E '^(seconds|per_second)'
echo "exit ${PIPESTATUS[0]}"
facesearch enroll --collection staff --name-from '{stem}' Ada.jpg --quiet --output table | head -n 1
facesearch search --collection staff Ada.jpg "Grace Hopper.jpg" Zoe.jpg text.jpg --quiet --output table |
  sed -E 's/ [0-9]+(\.[0-9]+)?$/ <score>/' | head -n 4
facesearch search --collection staff "$PICTURES/four-people.jpg" --faces all --quiet --output table | head -n 1 | sed -E 's/ [0-9]+\.[0-9]+/ <score>/g'
