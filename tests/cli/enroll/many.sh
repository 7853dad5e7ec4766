# SPDX-License-Identifier: MIT
# A folder: one line for each input, in order, and a summary; the same command again recognises what is enrolled.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir -p photos/Ada photos/Eve photos/.hidden
cp "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" photos/Ada
cp "$PEOPLE/person02-1.jpg" photos/Eve/x.JPG
echo "not a picture" >photos/notes.txt
cp "$PEOPLE/person02-1.jpg" photos/.hidden
facesearch enroll --collection staff --name-from '{parent}' photos >first.jsonl
echo "exit $?"
jq -c '[.input, .message, .faceId, .metaFaceId]' first.jsonl
jq -c 'select(.type == "summary") | keys_unsorted, del(.seconds, .per_second)' first.jsonl
facesearch enroll --collection staff --name-from '{parent}' photos | jq -c 'del(.seconds, .per_second)'
facesearch face list --collection staff --page 1 | jq -c '.result[] | [.face_id, .user_name]'
