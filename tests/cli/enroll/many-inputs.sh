# SPDX-License-Identifier: MIT
# Lists, manifests in CSV and JSON Lines, requests on standard input; names by rule; shards.
facesearch init >made.json
facesearch collection create staff >made.json
cp "$PEOPLE/person01-1.jpg" Ada_1.jpg
cp "$PEOPLE/person01-2.jpg" Ada_2.jpg
cp "$PEOPLE/person02-1.jpg" "Eve, née X_1.jpg"
show() { jq -c '[.input, .faceId, .metaFaceId, .already_enrolled, .errorCode, .reason, .detail]'; }
echo "# a list; names by a regular expression; one person for each name"
printf '%s\n' Ada_1.jpg Ada_2.jpg | facesearch enroll --collection staff --list - --name-from '([^/_]+)_[0-9]' --one-person-per-name | show
echo "# with NUL"
printf '%s\0' 'Eve, née X_1.jpg' | facesearch enroll --collection staff --list - -0 --name-from '{stem}' | show
echo "# CSV"
cat >people.csv <<'CSV'
path,userName,metadata.team
Ada_1.jpg,Ada,blue
"Eve, née X_1.jpg","Eve ""née"" X",
too,few
"open
CSV
facesearch enroll --collection staff --manifest people.csv | show
echo "# JSON Lines, with a template and a request"
facesearch template extract --image Ada_2.jpg | jq -c '{input: "by template", userName: "Ada", template, fingerprint}' >requests.jsonl
jq -nc --arg image "$(base64 -w0 Ada_1.jpg)" '{collectionId: "staff", userName: "Ada", faceImage: $image, metadata: {team: "red"}}' >>requests.jsonl
echo '{"path": "Ada_1.jpg", "faceImage": "AAAA", "userName": "Ada"}' >>requests.jsonl
echo '{"path": "Ada_1.jpg", "collectionId": "other", "userName": "Ada"}' >>requests.jsonl
echo '{"path": "Ada_1.jpg"}' >>requests.jsonl
echo '{"path":' >>requests.jsonl
facesearch enroll --collection staff --manifest - <requests.jsonl | show
facesearch face list --collection staff --page 1 | jq -c '.result[] | [.user_name, .meta_face_id, .metadata]'
echo "# shards: each input in one part"
for i in 1 2 3; do facesearch search --collection staff --shard $i/3 Ada_1.jpg Ada_2.jpg Eve*.jpg; done | jq -r 'select(.input).input' | sort
echo "# wrong use"
facesearch enroll --collection staff --shard 0/3 Ada_1.jpg
facesearch enroll --collection staff --image Ada_1.jpg Ada_2.jpg
facesearch enroll --collection staff --name-from 'x+' Ada_1.jpg
facesearch enroll --collection staff --list missing.txt
printf 'path,name\n' | facesearch enroll --collection staff --manifest -
facesearch enroll --collection none --name x Ada_1.jpg
echo "exit $?"
