# SPDX-License-Identifier: MIT
# A bad input affects only itself: its line has the documented error, and the exit status is 3. --retry-failed repeats what failed.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos
cp "$PEOPLE/person01-1.jpg" photos/a.jpg
echo text >photos/b.jpg
cp "$PICTURES/nobody.jpg" photos/c.jpg
: >photos/d.jpg
cp "$PEOPLE/person02-1.jpg" photos/e.jpg
facesearch enroll --collection staff --name x photos missing.jpg >first.jsonl
echo "exit $?"
jq -c '[.input, .errorCode, .reason, .faceId]' first.jsonl
jq -c 'select(.type) | del(.seconds, .per_second)' first.jsonl
cp "$PEOPLE/person01-2.jpg" photos/b.jpg
facesearch enroll --collection staff --name x --retry-failed first.jsonl photos | jq -c '[.input, .reason, .faceId]'
facesearch enroll --collection staff --name x --retry-failed first.jsonl | jq -c '[.input, .reason, .already_enrolled]'
echo "no JSON" >other.txt
facesearch enroll --collection staff --name x --retry-failed other.txt
echo "exit $?"
