# SPDX-License-Identifier: MIT
# verify takes a template in place of each picture, with a collection too.
for n in 1 2; do facesearch template extract --image "$PEOPLE/person01-$n.jpg" >"ada$n.json"; done
facesearch template extract --image "$PEOPLE/person02-1.jpg" >ben.json
facesearch verify --template ada1.json --template ada2.json | jq -c '[.match, has("face_a"), has("face_b")]'
facesearch verify "$PEOPLE/person01-3.jpg" --template ada1.json | jq -c '[.match, has("face_a"), has("face_b")]'
facesearch verify --template - --template ben.json <ada1.json | jq -c .match
facesearch verify --template ada1.json "$PEOPLE/person01-2.jpg" | jq -c '[.match, has("face_a"), has("face_b")]'
facesearch init >made.json
facesearch collection create staff >made.json
id=$(facesearch enroll --collection staff --name Ada --template ada1.json | jq -r .faceId)
facesearch verify --collection staff --face "$id" --template ada2.json | jq -c '[.match, has("face_a"), .face_id == "'"$id"'"]'
jq -c --arg id "$id" '. + {collectionId: "staff", faceId: $id}' ben.json | facesearch verify | jq -c .match
facesearch verify --template ada1.json; echo "exit $?"
facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" --template ben.json; echo "exit $?"
facesearch verify --template - --template - <ben.json; echo "exit $?"
