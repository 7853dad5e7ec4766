# The example of docs/cli/watch.md: one picture is there before, one arrives later.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir -p arrivals/Ada
cp "$PEOPLE"/person01-1.jpg arrivals/Ada
touch answers.jsonl
facesearch watch enroll --collection staff --name-from '{parent}' --state enrolled arrivals > answers.jsonl &
mkdir arrivals/Eve
cp "$PEOPLE"/person02-1.jpg arrivals/Eve
until [ "$(grep -c success answers.jsonl)" = 2 ]; do sleep 0.1; done
kill "$!"
wait "$!" || echo "ended with $?"
jq -c '[.input, .message, .inputs, .interrupted]' answers.jsonl | sort
