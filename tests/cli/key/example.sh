# The example of docs/cli/key.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch key create --label "door 3" --scope search --collection staff | jq -r .key > door.key
facesearch collection list --api-key-file door.key | jq -c '[.result[].id]'
facesearch collection delete staff --api-key-file door.key | jq -c '[.errorCode, .message]'
