# SPDX-License-Identifier: MIT
# The API key is read once, so it may come from a pipe; it is checked against the store's keys at every picture, so a key
# that is revoked ends the watch, and a batch that waits for its next path.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch key create --label door --scope enroll > created
jq -r .key created > key
mkdir in
answers_are() { until [ "$(grep -c success answers)" = "$1" ]; do sleep 0.05; done; }
: > answers
facesearch watch enroll --collection staff --name n --api-key-file <(cat key) in > answers &
cp "$PEOPLE"/person01-1.jpg in
answers_are 1
cp "$PEOPLE"/person02-1.jpg in
answers_are 2
facesearch key revoke "$(jq -r .id created)" | jq -r .message
cp "$PEOPLE"/person03-1.jpg in
wait "$!"
echo "exit $?"
jq -c '[.input, .message, .inputs, .ended_by.errorCode, .ended_by.reason]' answers

echo "a batch:"
facesearch key create --label night --scope enroll > created
jq -r .key created > key
mkfifo paths
: > answers
facesearch enroll --collection staff --name n --api-key-file <(cat key) --list paths > answers &
exec 3> paths
echo "$PEOPLE"/person04-1.jpg >&3
answers_are 1
echo "$PEOPLE"/person05-1.jpg >&3
answers_are 2
facesearch key revoke "$(jq -r .id created)" | jq -r .message
echo "$PEOPLE"/person06-1.jpg >&3
wait "$!"
echo "exit $?"
exec 3>&-
jq -c '[.input, .message, .inputs, .ended_by.errorCode, .ended_by.reason]' answers
