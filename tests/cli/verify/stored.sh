# SPDX-License-Identifier: MIT
# A picture against an enrolled face, or the most similar face of a person.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >ann.json
face=$(jq -r .faceId ann.json) person=$(jq -r .metaFaceId ann.json)
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-2.jpg" --person "$person" >second.json
facesearch verify "$PEOPLE/person01-2.jpg" --collection staff --face "$face" >answer.json; echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.match, .face_id, .meta_face_id]' answer.json
facesearch verify "$PEOPLE/person01-2.jpg" --collection staff --person "$person" |
  jq -c --slurpfile second second.json '[.match, .similarity_score, .face_id == $second[0].faceId]'
facesearch verify "$PEOPLE/person02-1.jpg" --collection staff --face "$face" >answer.json; echo "exit $?"
jq -c '.match' answer.json
base64 "$PEOPLE/person01-3.jpg" | jq -Rs --arg face "$face" '{collectionId: "staff", faceId: $face, faceImage: .}' |
  facesearch verify --request - | jq -c '.match'
facesearch face delete --collection staff --face "$face" >made.json
facesearch verify "$PEOPLE/person01-2.jpg" --collection staff --face "$face"; echo "exit $?"
facesearch verify "$PEOPLE/person01-2.jpg" --collection staff --person "$person" | jq -c '.match'
