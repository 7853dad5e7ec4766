# SPDX-License-Identifier: MIT
# On a terminal the document is indented, and coloured unless NO_COLOR or TERM say otherwise. It stays the same JSON.
terminal() { env -u NO_COLOR "$@"; }
on="$SOURCE/tests/cli/terminal"
facesearch init >made.json
facesearch collection create staff >made.json
export TERM=xterm-256color
terminal "$on" 80 facesearch face list --collection staff
echo "--- NO_COLOR:"
NO_COLOR=1 "$on" 80 facesearch face list --collection staff
echo "--- without colours: NO_COLOR, dumb, no TERM; an empty NO_COLOR is none"
NO_COLOR=1 "$on" 80 facesearch face list --collection staff >plain.txt
TERM=dumb terminal "$on" 80 facesearch face list --collection staff | cmp - plain.txt && echo "TERM=dumb: the same"
terminal env -u TERM "$on" 80 facesearch face list --collection staff | cmp - plain.txt && echo "no TERM: the same"
NO_COLOR='' "$on" 80 facesearch face list --collection staff | grep -c '\^\['
echo "--- the same JSON:"
facesearch detect "$PEOPLE/person01-1.jpg" | jq -S . >piped.json
NO_COLOR=1 "$on" 80 facesearch detect "$PEOPLE/person01-1.jpg" | jq -S . | cmp - piped.json && echo "detect: the same members"
NO_COLOR=1 "$on" 80 facesearch detect "$PEOPLE/person01-1.jpg" | sed -E 's/[0-9]+(\.[0-9]+)?/0/g'
echo "--- an error:"
NO_COLOR=1 "$on" 80 facesearch face list --collection nobody
echo "--- a batch stays a line a picture:"
NO_COLOR=1 "$on" 200 facesearch search --collection staff "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg" --quiet |
  jq -c 'has("searchId"), .type // empty'
