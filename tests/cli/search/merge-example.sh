# The example of docs/cli/search.md.

facesearch init > /dev/null
for part in north south; do facesearch collection create "$part" > /dev/null; done
facesearch enroll --collection north --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection south --name "Ada, too" --image "$PEOPLE/person01-2.jpg" > /dev/null
for part in north south; do
  facesearch search --collection "$part" --name door --image "$PEOPLE/person01-3.jpg" --mergeable > "$part.json"
done
facesearch search --merge north.json south.json | jq -c '[.result[].user_name]'
facesearch search --collections north,south --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[] | [.user_name, .collection_id]]'
