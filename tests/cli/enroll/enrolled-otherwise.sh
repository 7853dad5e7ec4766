# SPDX-License-Identifier: MIT
# A picture that is enrolled under another name is said to be: a corrected name changes nothing by itself.
facesearch init >made.json
facesearch collection create staff >made.json
row() { printf 'path,userName,metadata.id\n%s,%s,%s\n' "$PEOPLE/person06-1.jpg" "$1" "$2"; }
row Adda 7 | facesearch enroll --collection staff --manifest - | tail -n 1 | jq -c '[.succeeded, .already_enrolled, .differing]'
row Ada 8 | facesearch enroll --collection staff --manifest - | jq -c 'del(.seconds, .per_second)'
row Adda 7 | facesearch enroll --collection staff --manifest - | tail -n 1 | jq -c '[.succeeded, .already_enrolled, .differing]'
# One name, as Linux and as a Mac write it, is one person.
mkdir -p "p/"$'Zo\xc3\xab' "p/"$'Zoe\xcc\x88'
cp "$PEOPLE/person15-1.jpg" "p/"$'Zo\xc3\xab'
cp "$PEOPLE/person15-2.jpg" "p/"$'Zoe\xcc\x88'
facesearch enroll --collection staff --name-from '{parent}' --one-person-per-name p | jq -sc 'map(.metaFaceId // empty) | unique | length'
