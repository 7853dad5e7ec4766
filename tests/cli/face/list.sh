# SPDX-License-Identifier: MIT
# Fifty faces a page, in the order of enrolment; a term selects the ids that contain it.
facesearch init >made.json
facesearch collection create staff >made.json
for n in $(seq 51); do
  facesearch enroll --collection staff --name "Person $n" --image "$PEOPLE/person01-1.jpg" >last.json
done
facesearch face list --collection staff --page 1 | jq -c '[(.result | length), .result[0].user_name, .result[49].user_name, .totalCount]'
facesearch face list --collection staff --page 2
facesearch face list --collection staff --page 3
id=$(jq -r .faceId last.json)
facesearch face list --collection staff --page 1 --term "$id" | jq -c '[[.result[].user_name], .totalCount]'
facesearch face list --collection staff --page 1 --term "${id:24}" | jq -c '[[.result[].user_name], .totalCount]'
facesearch face list --collection staff --page 1 --term "${id:0:5}" | jq -c '[(.result | length), .totalCount]'
