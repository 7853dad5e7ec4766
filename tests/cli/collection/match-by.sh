# SPDX-License-Identifier: MIT
# A collection is matched by face until it is updated; then its persons' means are there at once, and go when it is
# matched by face again. A person with one photograph answers the same both ways.
facesearch init > /dev/null
facesearch collection create staff | jq -c .collection.policy.match_by
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person01-2.jpg" > /dev/null
facesearch enroll --collection staff --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
search() {
  facesearch search --collection staff --name door --image "$1" |
    jq -c '[.matches_total, (.result[] | [.user_name, has("person_score")])]'
}
scores() { facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result, .faceIdList]'; }
search "$PEOPLE/person01-3.jpg"
scores > by-face.json
facesearch collection update staff --match-by person | jq -c .collection.policy.match_by
search "$PEOPLE/person01-3.jpg"
scores | cmp - by-face.json
facesearch collection check staff | jq -c '[.message, .faces]'
facesearch collection update staff --match-by face | jq -c .collection.policy.match_by
search "$PEOPLE/person01-3.jpg"
facesearch collection check staff | jq -c '[.message, .faces]'
facesearch collection update staff --match-by photo
