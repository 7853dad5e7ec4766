# SPDX-License-Identifier: MIT
# --limit cuts the list, best first, and the answer says so; matches_total still counts all.
facesearch init >made.json
facesearch collection create staff >made.json
for n in 1 2 3; do facesearch enroll --collection staff --name "Ann $n" --image "$PEOPLE/person01-$n.jpg" >made.json; done
ask() { facesearch search --collection staff --name door --image "$PEOPLE/person01-2.jpg" "$@"; }
ask | jq -c '[(.faceIdList | length), .matches_total, .truncated, .result[0].user_name, .result[0].similarity_score]'
ask | jq -c '[.result[].similarity_score] | . == (sort | reverse)'
ask --limit 1 | jq -c '[(.faceIdList | length), .matches_total, .truncated, .result[0].user_name]'
ask --limit 3 | jq -c '[(.faceIdList | length), .matches_total, .truncated]'
