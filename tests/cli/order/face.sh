# SPDX-License-Identifier: MIT
# And for the face: found, one, good, alive, and only then whether it is enrolled already.
# needs: models
facesearch init >made.json
facesearch collection create staff >made.json
photographs=$SHARED/data/photographs
facesearch enroll --collection staff --name Ann --image "$photographs/inspireface_bulk_rgb_fake.jpg" >made.json
facesearch collection update staff --enroll-liveness on --duplicates reject >made.json
add() { facesearch enroll --quiet --collection staff --name Ann --image "$photographs/$1" | jq -c '[.errorCode, .reason]'; }
add inspireface_crop_no_face.jpg
add faceapi_bbt1.jpg
facesearch collection update staff --min-face-px 400 >made.json
add inspireface_bulk_rgb_fake.jpg
facesearch collection update staff --min-face-px 32 >made.json
add inspireface_bulk_rgb_fake.jpg
facesearch collection update staff --enroll-liveness off >made.json
add inspireface_bulk_rgb_fake.jpg
