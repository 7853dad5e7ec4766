# The example of docs/cli/enroll.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person01-2.jpg" | jq -c '[.message, .faces_found]'
facesearch face list --collection staff --page 1 | jq -c '[.totalCount, ([.result[].meta_face_id] | unique | length)]'
