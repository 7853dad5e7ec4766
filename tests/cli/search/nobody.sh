# SPDX-License-Identifier: MIT
# Finding nobody is a success; --fail-if-none makes it status 1.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch search --collection staff --name door --image "$PEOPLE/person03-1.jpg" | jq -c '[.message, .faceIdList, .result, .matches_total]'
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >made.json
facesearch search --collection staff --name door --image "$PEOPLE/person03-1.jpg" >answer.json
echo "exit $?"
facesearch search --collection staff --name door --image "$PEOPLE/person03-1.jpg" --fail-if-none >answer.json
echo "exit $?"
jq -c '[.message, .faceIdList, .result]' answer.json
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" --fail-if-none >answer.json
echo "exit $?"
