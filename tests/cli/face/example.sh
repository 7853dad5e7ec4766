# The example of docs/cli/face.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .faceId)
facesearch face list --collection staff --page 1 | jq -c '[.result[].user_name]'
facesearch face delete --collection staff --face "$ada"
facesearch face list --collection staff --page 1
