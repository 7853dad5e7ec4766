# A search of every face lists them as detect does; what is said of one face is said of the largest.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --metadata badge=7 --image "$PEOPLE/person01-1.jpg" > /dev/null
four=$PICTURES/four-people.jpg
facesearch search --collection staff --name door --faces all --image "$four" > all.json
jq -c '[.faceIdList == .faces[0].faceIdList, .face == .faces[0].face, .faces_found, (.faces | length)]' all.json
jq -c '.result[0].metadata' all.json
facesearch detect "$four" | jq -c '[.faces[] | {x, y, width, height}]' > boxes.json
jq -c '[.faces[].face]' all.json | cmp - boxes.json && echo "the boxes are those of detect"
jq -n --arg image "$(base64 -w0 "$four")" '{collectionId: "staff", requestName: "r", faceImage: $image, faces: "all"}' |
  facesearch search | jq -c '[.faces[] | .matches_total]'

# In a batch: one line a picture. Nobody means that no face is known.
facesearch search --collection staff --faces all "$four" "$PEOPLE/person09-2.jpg" "$PICTURES/nobody.jpg" 2> /dev/null |
  jq -c 'if .type then {nobody, failed} else [(.faces | length), .reason] end'

# One face is the default, and another word is refused.
facesearch search --collection staff --name door --faces one --image "$four" | jq -c '[.faces, .warnings[0].reason]'
facesearch search --collection staff --name door --faces some --image "$four"; echo "status $?"
facesearch search --collection staff --name door --faces all --mergeable --image "$four"; echo "status $?"
facesearch search --collection staff --name door --faces all --fail-if-none --image "$PEOPLE/person09-2.jpg" > /dev/null
echo "status $?"
facesearch search --collection staff --name door --faces all --image "$PICTURES/nobody.jpg" | jq -c .reason
