# SPDX-License-Identifier: MIT
# Several collections are searched as one: by option, by request, in a batch. Collections that judge a probe differently are refused.
facesearch init >made.json
for part in a b; do facesearch collection create $part >made.json; done
facesearch enroll --collection a --name-from '{stem}' "$PEOPLE"/person01-[12].jpg >made.json
facesearch enroll --collection b --name-from '{stem}' "$PEOPLE"/person01-[34].jpg "$PEOPLE/person02-1.jpg" >made.json
facesearch collection merge a b --to all >made.json
shown='[.message, (.result[] | [.user_name, .similarity_score]), .matches_total, .truncated, .expected_false_candidates]'
facesearch search --collection all --name door --limit 3 --image "$PEOPLE/person01-1.jpg" | jq -c "$shown" >one
facesearch search --collections a,b --name door --limit 3 --image "$PEOPLE/person01-1.jpg" >several
jq -c "$shown" several | cmp - one && echo "as one"
jq -c '[.result[].collection_id]' several
jq -n --arg image "$(base64 -w0 "$PEOPLE/person02-2.jpg")" '{collectionIds: ["a", "b"], requestName: "door", faceImage: $image}' >request.json
facesearch search --request request.json | jq -c '[.result[] | [.user_name, .collection_id]]'
facesearch search --collections a,b "$PEOPLE/person02-3.jpg" "$PEOPLE/person09-1.jpg" |
  jq -c '[.requestName, (.result // [] | map([.user_name, .collection_id])), .inputs, .nobody]'
facesearch search --collections a --name door --image "$PEOPLE/person01-1.jpg" | jq -c '[.result[].collection_id]'
# More of them than files may be open, as shells have it.
for i in $(seq 60); do facesearch collection create "c$i" >made.json; done
(ulimit -Sn 64 && facesearch search --collections "a,$(seq -s, -f 'c%g' 60)" --name door --image "$PEOPLE/person01-1.jpg" | jq -c '[.message, .matches_total]')
# Refused.
facesearch search --collection a --collections a,b --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collections a,a --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collections a,nobody --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collections a, --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
jq -nc --arg path "$PEOPLE/person01-1.jpg" '{collectionId: "a", path: $path}' >manifest.jsonl
facesearch --quiet search --collections a,b --manifest manifest.jsonl | jq -c '[.reason]'
facesearch search --collections a,nobody "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch collection update b --similarity 85 >made.json
facesearch search --collections a,b --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch key create --label narrow --scope search --collection a | jq -r .key >narrow
facesearch --api-key-file narrow search --collections a,b --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
