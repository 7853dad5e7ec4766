# The example of docs/cli/collection.md.

facesearch init > /dev/null
facesearch collection create staff | jq -c .collection.encrypted
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .faceId)
facesearch enroll --collection staff --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch face delete --collection staff --face "$ada"
facesearch collection compact staff | jq -c .faces
facesearch collection check staff | jq -c '[.message, .faces]'
