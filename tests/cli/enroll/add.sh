# SPDX-License-Identifier: MIT
# The answer of enroll: the documented members in their order, then ours.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" --metadata team=blue --metadata badge=7 >answer.json
echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.message, .faceId, .metaFaceId, .option, .faces_found, .found_by]' answer.json
jq -c '.face | keys_unsorted' answer.json
jq -c '.quality | map_values(type)' answer.json
facesearch face list --collection staff --page 1
facesearch collection show staff | jq .collection.faces
