# The example of docs/cli/collection.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection staff --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
# The first page of the data file is lost: nothing opens it any more.
dd if=/dev/zero of="$XDG_DATA_HOME/facesearch/collections/staff/gen-1/data.mdb" bs=4096 count=1 conv=notrunc status=none
facesearch collection check staff | jq -c '[.errorCode, .reason]'
facesearch collection repair staff --to saved | jq -c '[.message, .faces, .lost, .rows_unknown, .state]'
facesearch search --collection saved --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result[].user_name]'
facesearch collection delete staff
