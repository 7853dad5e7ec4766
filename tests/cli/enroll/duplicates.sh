# SPDX-License-Identifier: MIT
# A face enrolled already is allowed, allowed with a warning, or refused (6012 DUPLICATE_FACE), by the policy.
facesearch init >made.json
facesearch collection create staff >made.json
add() { facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-$1.jpg"; }
add 1 | jq -c .message
add 2 | jq -c '[.message, .warnings]'
facesearch collection update staff --duplicates warn >made.json
add 3 | jq -c '[.message, .warnings[0].reason]'
facesearch collection update staff --duplicates reject >made.json
add 4 >answer.json
echo "exit $?"
jq -c '[.errorCode, .message, .reason]' answer.json
facesearch enroll --collection staff --name Bob --image "$PEOPLE/person02-1.jpg" | jq -c .message
facesearch collection show staff | jq .collection.faces
