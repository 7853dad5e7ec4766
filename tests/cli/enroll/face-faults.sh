# SPDX-License-Identifier: MIT
# 6012: enrolment needs one good face; each fault has its reason, and nothing is added.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create near --min-face-px 300 >made.json
facesearch collection create strict --quality strict >made.json
add() { facesearch enroll --collection "$1" --name Ann --image "$2" 2>/dev/null | jq -c '[.errorCode, .message, .reason]'; }
add staff "$PICTURES/nobody.jpg"
add staff "$PICTURES/four-people.jpg"
add near "$PEOPLE/person01-1.jpg"
add strict "$PICTURES/blurred.jpg"
facesearch collection list | jq -c '[.result[].faces]'
facesearch collection update staff --enroll-faces largest >made.json
facesearch enroll --collection staff --name Ann --image "$PICTURES/four-people.jpg" | jq -c '[.message, .faces_found, .warnings]'
