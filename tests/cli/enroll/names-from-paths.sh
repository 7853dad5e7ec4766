# SPDX-License-Identifier: MIT
# A name from a path is whole, in any language, or there is none: never its rest, never "." or "..".
facesearch init >made.json
facesearch collection create staff >made.json
names() { facesearch face list --collection staff --page 1 | jq -c '[.result[].user_name]'; }
mkdir p Ada
cp "$PEOPLE/person01-1.jpg" p/José_Pérez-1.jpg
cp "$PEOPLE/person02-1.jpg" p/Müller-1.jpg
facesearch enroll --collection staff --name-from '(\w+)-\d+\.jpg' p | tail -n 1 | jq -c '[.succeeded, .failed]'
names
facesearch enroll --collection staff --name-from '([A-Za-z]+)-\d+\.jpg' p/Müller-1.jpg >ascii.jsonl
jq -c '.reason // empty' ascii.jsonl
cp "$PEOPLE/person03-1.jpg" Ada/a.jpg
cd Ada || exit
facesearch enroll --collection staff --name-from '{parent}' ./a.jpg >bare.jsonl
jq -c '.reason // empty' bare.jsonl
cd ..
facesearch enroll --collection staff --name-from '{parent}' ./Ada/./a.jpg | tail -n 1 | jq -c '[.succeeded, .failed]'
names
