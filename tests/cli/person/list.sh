# Persons are listed in the order they were made, page by page, and found by name.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
enroll() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$2.jpg" "${@:3}" | jq -r .metaFaceId; }
jose=$(enroll "José" person01-1)
enroll "José" person01-2 --person "$jose" > /dev/null
enroll "Ada" person02-1 > /dev/null
enroll "Josefine" person03-1 > /dev/null
facesearch person list --collection staff
facesearch person list --collection staff --limit 2 > page.json
jq -c '[[.result[].user_name], .next == .result[1].meta_face_id]' page.json
facesearch person list --collection staff --limit 2 --after "$(jq -r .next page.json)" |
  jq -c '[[.result[].user_name], .next]'

names() { jq -c '[.result[].user_name]'; }
facesearch person list --collection staff --name José | names
facesearch person list --collection staff --name jose | names
facesearch person list --collection staff --name jose --ignore-case | names
facesearch person list --collection staff --name jos --ignore-case --prefix | names
facesearch person list --collection staff --faces-min 2 | names
facesearch person list --collection staff --since 2100-01-01 | names
facesearch person find jose --collection staff | names
facesearch person find jose --match-case --collection staff | names
facesearch person find JOS --prefix --collection staff | names
echo '{"collectionId": "staff", "userName": "jos", "match": "prefix", "ignoreCase": true, "facesMin": 2}' |
  facesearch person list | names

# Values that are none.
facesearch person list --collection staff --since yesterday; echo "status $?"
facesearch person list --collection staff --limit 0; echo "status $?"
facesearch person list --collection staff --after Ada; echo "status $?"
facesearch person find --collection staff; echo "status $?"
echo '{"collectionId": "staff", "match": "some"}' | facesearch person list; echo "status $?"
echo '{"collectionId": "staff", "ignoreCase": "yes"}' | facesearch person list; echo "status $?"
facesearch person list --collection nowhere; echo "status $?"
