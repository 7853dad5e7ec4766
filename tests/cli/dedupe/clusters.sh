# SPDX-License-Identifier: MIT
# --clusters: groups of similar faces, the largest first; a face without a similar one is in none.
facesearch init >made.json
facesearch collection create staff >made.json
for name in person01-1 person02-1 person02-2 person03-1 person02-3 person01-2; do
  facesearch enroll --collection staff --name $name --image "$PEOPLE/$name.jpg" >made.json
done
facesearch face list --collection staff --page 1 >faces.json
facesearch dedupe --collection staff --clusters >answer.json
jq -c keys_unsorted answer.json
jq -c '[.faces, .pairs_total, .totalCount, .clusters[].size]' answer.json
jq -n -c --slurpfile f faces.json --slurpfile a answer.json \
  '($f[0].result | map({(.face_id): .user_name}) | add) as $names | $a[0].clusters[].faceIdList | map($names[.])'
