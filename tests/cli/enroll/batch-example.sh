# The example of docs/batch.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir -p photos/Ada photos/Eve
cp "$PEOPLE"/person01-[12].jpg photos/Ada
cp "$PEOPLE"/person02-1.jpg photos/Eve
facesearch enroll --collection staff --name-from '{parent}' --one-person-per-name photos | jq -c '[.input, .message, .inputs, .failed]'
facesearch search --collection staff "$PEOPLE"/person0[12]-3.jpg | jq -c '[.requestName, .result[0].user_name, .inputs]'
