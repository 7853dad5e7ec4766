# SPDX-License-Identifier: MIT
# With --state a watch continues where it was stopped: answered files are not answered again, new and changed ones are.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir in
watch_till() { # COUNT WORD...: answers, till there are so many
  local count=$1
  shift
  : > answers
  facesearch watch "$@" > answers 2> words &
  until [ "$(grep -c '"input"' answers)" -ge "$count" ]; do sleep 0.05; done
  sleep 0.3
  kill "$!"
  wait "$!"
  jq -c '[.input, .message, .already_enrolled, .inputs]' answers | sort
  cat words >&2
}
cp "$PEOPLE"/person01-1.jpg in
cp "$PEOPLE"/person02-1.jpg in
watch_till 2 enroll --collection staff --name n --state state in
cp "$PEOPLE"/person03-1.jpg in
cp "$PEOPLE"/person04-1.jpg in/person01-1.jpg
rm in/person02-1.jpg
watch_till 2 enroll --collection staff --name n --state state in
watch_till 0 enroll --collection staff --name n --state state in
echo "without it:"
watch_till 2 enroll --collection staff --name n in
stat -c %a state
grep -c person state
facesearch watch search --collection staff --state state in; echo "exit $?"
flock state facesearch watch enroll --collection staff --name n --state state in; echo "exit $?"
