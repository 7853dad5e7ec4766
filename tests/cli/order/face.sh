# SPDX-License-Identifier: MIT
# And for the face: found, single, good, live, and only then the duplicate check.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ann --image "$PICTURES/screen.jpg" >made.json
facesearch collection update staff --enroll-liveness on --duplicates reject >made.json
add() { facesearch enroll --quiet --collection staff --name Ann --image "$PICTURES/$1" | jq -c '[.errorCode, .reason]'; }
add nobody.jpg
add four-people.jpg
facesearch collection update staff --min-face-px 400 >made.json
add screen.jpg
facesearch collection update staff --min-face-px 32 >made.json
add screen.jpg
facesearch collection update staff --enroll-liveness off >made.json
add screen.jpg
