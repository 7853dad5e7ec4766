# SPDX-License-Identifier: MIT
# The answer names the face, its person and the similarity, in the documented order.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >ann.json
facesearch enroll --collection staff --name Bob --image "$PEOPLE/person02-1.jpg" >bob.json
facesearch search --collection staff --name door --image "$PEOPLE/person01-2.jpg" >answer.json
echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.message, .requestName, .option]' answer.json
jq -c '[.result[] | keys_unsorted], [.result[] | [.user_name, .similarity_score > 95, .similarity_score <= 100]]' answer.json
jq -c '[.faces_found, .matches_total, .truncated, .expected_false_candidates]' answer.json
jq -c '.face | map_values(. > 50 and . < 400)' answer.json
jq -n --slurpfile a ann.json --slurpfile s answer.json \
  '$s[0].faceIdList == [$a[0].faceId] and $s[0].result[0].face_id == $a[0].faceId and $s[0].result[0].meta_face_id == $a[0].metaFaceId'
