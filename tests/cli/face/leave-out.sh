# SPDX-License-Identifier: MIT
# A face that is left out of its person's mean stands for itself until that is taken back. The decision is listed, and
# a decision that was not made cannot be taken back.
facesearch init > /dev/null
facesearch collection create staff --match-by person > /dev/null
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person01-2.jpg" > /dev/null
face=$(facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person01-4.jpg" | jq -r .faceId)
rows() {
  facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" |
    jq -c '[.result[] | [.user_name, has("person_score")]] | sort'
}
rows
facesearch face leave-out --collection staff --face "$face" | jq -c '[.message, .person.user_name, .person.faces]'
rows
facesearch face decisions --collection staff | jq -c '[.result[] | [.decision, .face_id == "'"$face"'"]]'
facesearch collection check staff --people | jq -c '[.message, .persons_of_several_faces, .unlike_total]'
facesearch face leave-out --collection staff --face "$face" --withdraw | jq -c .message
rows
facesearch face leave-out --collection staff --face "$face" --withdraw | jq -c '[.errorCode, .reason]'
facesearch face leave-out --collection staff --face none | jq -c '[.errorCode, .reason]'
