# SPDX-License-Identifier: MIT
# Merging collections: copies once; faces deleted in one of them are gone; content digests are kept if they share a key; refusals.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name-from '{stem}' "$PEOPLE"/person0[123]-1.jpg >made.json
facesearch backup --to copy.fsb >made.json
# A copy of it, as another machine has it that goes on by itself.
facesearch restore --from copy.fsb --collection staff --as north >made.json
facesearch enroll --collection north --name-from '{stem}' "$PEOPLE/person04-1.jpg" >made.json
facesearch enroll --collection staff --name-from '{stem}' "$PEOPLE/person04-1.jpg" >made.json
gone=$(facesearch face list --collection north --page 1 | jq -r '.result[] | select(.user_name == "person02-1").face_id')
facesearch face delete --collection north --face "$gone"
facesearch collection merge staff north --to all | jq -c '.message, .faces, .duplicates_total, (.duplicates[] | [.reason, .collection_id, .other.collection_id])'
facesearch face list --collection all --page 1 | jq -c '[.result[].user_name]'
facesearch face delete --collection all --face "$gone" | jq -c '[.errorCode, .message]'
facesearch collection check all | jq -c '[.message, .faces]'
facesearch enroll --collection all --name x "$PEOPLE"/person0[14]-1.jpg | jq -c '[.already_enrolled]'
# Another key, another policy.
facesearch collection create other --similarity 90 >made.json
facesearch enroll --collection other --name-from '{stem}' "$PEOPLE/person05-1.jpg" >made.json
facesearch collection merge all other --to more | jq -c '.faces, .warnings[]'
# Refused.
facesearch collection merge all more --to all; echo "exit $?"
facesearch collection merge all all --to twice; echo "exit $?"
facesearch collection merge all nobody --to none; echo "exit $?"
facesearch collection merge all --to '../none'; echo "exit $?"
facesearch collection delete other >made.json
facesearch collection merge all other --to none; echo "exit $?"
facesearch key create --label narrow --scope admin --collection all | jq -r .key >narrow
facesearch --api-key-file narrow collection merge all more --to none; echo "exit $?"
facesearch --api-key-file narrow collection merge all --to none; echo "exit $?"
facesearch collection merge --to none; echo "exit $?"
facesearch collection merge all; echo "exit $?"
facesearch collection list | jq -c '[.result[].id]'
