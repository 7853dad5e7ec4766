# SPDX-License-Identifier: MIT
# An error that every other input would meet too ends a watch, with its status: the folder, the collection or the key is gone.
facesearch init > /dev/null
watch_in() { # WORD...: begins one, till it has answered a first picture
  mkdir in
  cp "$PEOPLE"/person01-1.jpg in
  : > answers
  facesearch watch "$@" in > answers &
  until grep -q success answers; do sleep 0.05; done
}
ended() {
  wait "$!"
  echo "exit $?"
  jq -c 'select(.type) | [.inputs, .succeeded, .ended_by.errorCode, .ended_by.reason, .interrupted]' answers
  rm -rf in
}
facesearch collection create staff > /dev/null
watch_in enroll --collection staff --name n
mv in out
ended
watch_in search --collection staff
rm -r in
ended
watch_in enroll --collection staff --name n
facesearch --lock-timeout 0 collection delete staff | jq -r .message
cp "$PEOPLE"/person02-1.jpg in
ended
facesearch collection create staff > /dev/null
facesearch key create --label door --scope search > created
jq -r .key created > key
watch_in search --collection staff --api-key-file key
facesearch key revoke "$(jq -r .id created)" | jq -r .message
cp "$PEOPLE"/person02-1.jpg in
ended
