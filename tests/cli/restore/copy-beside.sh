# SPDX-License-Identifier: MIT
# A copy of a store beside the store itself, with its configuration folder, is refused: each would look rolled back to the other.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >enrolled.json
facesearch backup --to backup >made.json
facesearch restore --store copy --from backup --quiet | jq -c '[.errorCode, .reason, .detail]'
ls copy 2>&1 | wc -l
facesearch enroll --collection staff --name Eve --image "$PEOPLE/person02-1.jpg" | jq -c .message
# Where the store is gone or was moved, its copy takes its place.
mv "$XDG_DATA_HOME/facesearch" moved
facesearch restore --store copy --from backup | jq -c '[.message]'
facesearch collection check staff --store copy | jq -c '[.faces]'
