# SPDX-License-Identifier: MIT
# A lost store is made again: its collections, deleted ids and API keys, under its id and its master key.
facesearch init >made.json
facesearch collection create staff >created.json
facesearch collection create guests --no-encryption >created.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made-ada.json
facesearch enroll --collection guests --name Grace --image "$PEOPLE/person02-1.jpg" >made-grace.json
facesearch collection create gone >created.json
facesearch collection delete gone >created.json
facesearch backup --to backup >backed-up.json
rm -r "$XDG_DATA_HOME/facesearch"
facesearch collection list; echo "exit $?"
facesearch restore --from backup | jq -c '[.message, .collections[].id]'
cmp <(facesearch restore --from backup --list | jq -c .) backed-up.json
facesearch collection list | jq -c '[.result[] | .id, .faces, .encrypted]'
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[].user_name]'
facesearch collection check guests | jq -c '[.message, .faces]'
facesearch collection show gone | jq -c '[.errorCode, .message]'
# To a place of its own, with a copy of the key: the marks of the store stay as they are.
cp "$(jq -r .masterKeyFile made.json)" copy.key
facesearch restore --quiet --store trial --master-key-file copy.key --from backup | jq -c '[.collections[].id]'
facesearch collection check staff --store trial --master-key-file copy.key | jq -c '[.message, .faces]'
facesearch collection check staff | jq -c '[.message, .faces]'
