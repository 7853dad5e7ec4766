# SPDX-License-Identifier: MIT
# 6015: with the liveness check on, a picture of a screen is refused.
facesearch init >made.json
facesearch collection create staff --enroll-liveness on >made.json
facesearch enroll --collection staff --name Ann --image "$PICTURES/screen.jpg" >answer.json
echo "exit $?"
jq -c '[.errorCode, .message, .reason]' answer.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" | jq -c '[.errorCode, .reason]'
facesearch collection show staff | jq .collection.faces
