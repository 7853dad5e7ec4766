# SPDX-License-Identifier: MIT
# 6038: what is wrong with the face is a reason for scripts, with the measured value and the limit for people.
# needs: models
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create near --min-face-px 300 >made.json
facesearch collection create alone --search-faces reject >made.json
photographs=$SHARED/data/photographs
ask() { facesearch search --collection "$1" --name door --image "$photographs/$2" 2>/dev/null | jq -c '[.errorCode, .message, .reason, (.detail | sub("face is [0-9]+ px"; "face is … px"))]'; }
ask staff inspireface_crop_no_face.jpg
ask near inspireface_pose_left_face.jpg
ask alone faceapi_bbt1.jpg
facesearch search --collection staff --name door --image "$photographs/faceapi_bbt1.jpg" | jq -c '[.faces_found, .warnings]'
