# SPDX-License-Identifier: MIT
# An enrolled name makes a second person; --person adds a face to one. 6012 if that person does not exist.
facesearch init >made.json
facesearch collection create staff >made.json
add() { facesearch enroll --collection staff --name Ann --image "$PEOPLE/$1" "${@:2}"; }
add person01-1.jpg | jq -r .metaFaceId >ann
add person02-1.jpg >made.json
add person01-2.jpg --person "$(cat ann)" >made.json
facesearch face list --collection staff --page 1 | jq -c '.result[] | [.user_name, .meta_face_id]'
add person01-3.jpg --person 0197a0b1-0000-7000-8000-0123456789ab; echo "exit $?"
facesearch collection create other >made.json
facesearch enroll --collection other --name Ann --image "$PEOPLE/person01-1.jpg" --person "$(cat ann)" | jq -c '[.errorCode, .reason]'
facesearch collection show staff | jq .collection.faces
