# SPDX-License-Identifier: MIT
# Many searches: each line is the documented response with its input; the request is named after the file.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name-from '{stem}' "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg" >made.json
cd "$PEOPLE" || exit 1
facesearch search --collection staff person02-2.jpg person01-2.jpg nobody.jpg >"$WORK/found.jsonl"
echo "exit $?"
jq -c '[.input, .requestName, .result[0].user_name, .errorCode, .reason]' "$WORK/found.jsonl"
jq -c 'select(.type) | del(.seconds, .per_second)' "$WORK/found.jsonl"
facesearch search --collection staff --unordered --threads 3 --limit 1 person0*.jpg | jq -r '.input // empty' | sort | wc -l
facesearch search --collection staff --fail-if-none person01-1.jpg
echo "exit $?"
