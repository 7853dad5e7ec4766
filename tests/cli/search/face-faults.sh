# SPDX-License-Identifier: MIT
# 6038: a fault of the face is a reason for scripts, with the measured value and the limit for people.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create near --min-face-px 300 >made.json
facesearch collection create alone --search-faces reject >made.json
ask() { facesearch search --collection "$1" --name door --image "$2" 2>/dev/null | jq -c '[.errorCode, .message, .reason, (.detail | sub("face is [0-9]+ px"; "face is … px"))]'; }
ask staff "$PICTURES/nobody.jpg"
ask near "$PEOPLE/person01-1.jpg"
ask alone "$PICTURES/four-people.jpg"
facesearch search --collection staff --name door --image "$PICTURES/four-people.jpg" | jq -c '[.faces_found, .warnings]'
