# The example of docs/cli/search.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
jq -n --arg image "$(base64 -w0 "$PEOPLE/person01-3.jpg")" '{collectionId: "staff", requestName: "door-3", faceImage: $image}' |
  facesearch search | jq -c '[.message, .requestName, .result[0].user_name, .matches_total]'
facesearch search --collection staff --name door-3 --image "$PEOPLE/person09-2.jpg" --fail-if-none | jq -c .faceIdList
