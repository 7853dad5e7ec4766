# The example of docs/cli/person.md.

facesearch init > /dev/null
facesearch collection create album > /dev/null
facesearch enroll --collection album --faces all --image "$PICTURES/four-people.jpg" > /dev/null
first=$(facesearch person find unknown-1 --collection album | jq -r '.result[0].meta_face_id')
facesearch person rename "$first" --collection album --name "Ada Lovelace" | jq -c '[.person.user_name, .person.faces]'
facesearch person list --collection album | jq -c '[.result[].user_name] | sort'
facesearch person find "ADA LOVELACE" --collection album | jq -c '[.result[].user_name]'
