# SPDX-License-Identifier: MIT
# Columns are aligned by what a terminal shows, long cells are cut only there, and no name reaches it as a command.
facesearch init >made.json
facesearch collection create staff >made.json
enroll() { facesearch enroll --collection staff --image "$1" --name "$2" >made.json; }
enroll "$PEOPLE/person01-1.jpg" "王小明"
enroll "$PEOPLE/person02-1.jpg" "Ada"
enroll "$PEOPLE/person03-1.jpg" "Zoe$(printf '\xcc\x88')"
enroll "$PEOPLE/person04-1.jpg" "a name of some length, as a place or a title can make it, and more"
enroll "$PEOPLE/person05-1.jpg" "$(printf 'left\xe2\x80\xaetfel')"
facesearch person list --collection staff --output table | sed -E 's/ +[0-9a-f]{8}-.*//; s/ +meta_face_id.*//'
echo "--- a terminal of 60 columns:"
export TERM=dumb
"$SOURCE/tests/cli/terminal" 60 facesearch face list --collection staff --output table |
  sed -E 's/ 20[0-9-]+…/ <time>…/; s/ 0[0-9a-f-]{5,}…/ <id>…/g'
"$SOURCE/tests/cli/terminal" 60 facesearch face list --collection staff --output table |
  python3 -c '
import sys, unicodedata
def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
print("the widest line has", max(columns(line.rstrip("\n")) for line in sys.stdin), "columns")'
echo "--- JSON on a terminal:"
"$SOURCE/tests/cli/terminal" 60 facesearch face list --collection staff | grep -o '"user_name": "left.*'
echo "--- file names of a batch:"
cp "$PEOPLE/person01-1.jpg" "$(printf 'x\x1b[31my\x0az.jpg')"
facesearch search --collection staff ./*.jpg --quiet --output table | head -n 1
