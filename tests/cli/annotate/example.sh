# The example of docs/annotate.md.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch search --collection staff --name door --faces all --image "$PICTURES/four-people.jpg" --annotate seen.png |
  jq -c '.faces[] | [.result[].user_name]'
facesearch detect seen.png | jq -c '[.image, .faces_found]'
