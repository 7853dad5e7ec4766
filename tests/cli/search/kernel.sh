# SPDX-License-Identifier: MIT
# Every kernel of a machine gives the same answer; a missing one is refused.
facesearch init >made.json
facesearch collection create staff --similarity 0 >made.json
for i in 01 02 03 04; do
  facesearch enroll --collection staff --name "person$i" --image "$PEOPLE/person$i-1.jpg" >made.json
done
find_with() { facesearch search --collection staff --name door --image "$PEOPLE/person02-2.jpg" "$@" | jq -c 'del(.searchId)'; }
find_with >any
find_with --kernel scalar >scalar
cmp any scalar && jq -c '[.result[].user_name] | sort' any
find_with --kernel abacus 2>/dev/null | jq -c '[.errorCode, .reason]'
