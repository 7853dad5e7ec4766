# The example of docs/cli/collection.md.

facesearch init > /dev/null
for part in north south; do facesearch collection create "$part" > /dev/null; done
facesearch enroll --collection north --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection south --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch collection merge north south --to everywhere | jq -c '[.message, .faces, .duplicates_total]'
facesearch face list --collection everywhere --page 1 | jq -c '[.result[].user_name]'
facesearch collection merge everywhere north --to again | jq -c '[.faces, (.duplicates[] | [.reason, .collection_id, .other.collection_id])]'
