# SPDX-License-Identifier: MIT
# The answers of shards are merged without a store: as one collection answers, in the order of the first file, errors included.
facesearch init >made.json
for part in a b; do facesearch collection create $part >made.json; done
facesearch enroll --collection a --name-from '{stem}' "$PEOPLE"/person01-[12].jpg >made.json
facesearch enroll --collection b --name-from '{stem}' "$PEOPLE"/person01-[34].jpg "$PEOPLE/person02-1.jpg" >made.json
facesearch collection merge a b --to all >made.json
probes=("$PEOPLE/person01-1.jpg" "$PEOPLE/person09-1.jpg" missing.jpg "$PEOPLE/person02-2.jpg")
facesearch --quiet search --collection a --limit 3 --mergeable "${probes[@]}" >a.jsonl
facesearch --quiet search --collection b --limit 3 --mergeable "${probes[@]}" >b.jsonl
(head -n -1 b.jsonl | tac; tail -n 1 b.jsonl) >turned.jsonl
facesearch --quiet search --collection all --limit 3 "${probes[@]}" | jq -c 'del(.searchId, .seconds, .per_second)' >expected
facesearch --quiet search --merge a.jsonl turned.jsonl >merged; echo "exit $?"
jq -c 'del(.searchId, .seconds, .per_second)' merged | cmp - expected && echo "as one"
jq -c '[.requestName // .type, .errorCode, [.result[]?.user_name], .failed, .nobody]' merged
FACESEARCH_STORE=nowhere facesearch --quiet search --mergeable --merge a.jsonl b.jsonl >both.jsonl
facesearch --quiet search --merge both.jsonl | jq -c 'del(.searchId, .seconds, .per_second)' | cmp - expected && echo "again"
# Nothing that is missing looks like nobody.
head -n 2 b.jsonl >cut.jsonl
facesearch search --merge a.jsonl cut.jsonl | jq -c '[.reason, .ended_by.reason]'
facesearch search --merge cut.jsonl a.jsonl | jq -c '[.reason, .ended_by.reason]'
cat b.jsonl cut.jsonl >behind.jsonl
facesearch --quiet search --merge a.jsonl behind.jsonl | jq -c '[.reason, .ended_by.reason]'
# What does not belong together, or comes twice.
facesearch --quiet search --merge a.jsonl a.jsonl | jq -c .reason
# An interruption: what is not known then is not missing.
mkfifo slow
facesearch --quiet search --merge a.jsonl slow >interrupted.jsonl &
exec 3>slow
sleep 0.5
kill -INT $!
wait $!; echo "exit $?"
exec 3>&-
jq -c '[.inputs, .failed, .interrupted]' interrupted.jsonl
# Single searches.
facesearch search --collection a --name door --image "$PEOPLE/person01-3.jpg" --mergeable >a.json
facesearch search --collection b --name door --image "$PEOPLE/person01-3.jpg" --mergeable >b.json
facesearch search --merge a.json b.json | jq -c '[.message, .result[].user_name]'
facesearch search --collection b --name window --image "$PEOPLE/person01-3.jpg" --mergeable >window.json
facesearch search --merge a.json window.json; echo "exit $?"
facesearch search --collection b --name door --image "$PEOPLE/person01-3.jpg" >plain.json
facesearch search --collection b --name door --image "$PEOPLE/person09-3.jpg" --mergeable >other.json
facesearch search --merge a.json other.json; echo "exit $?"
facesearch search --merge a.json a.json; echo "exit $?"
facesearch search --merge a.json plain.json; echo "exit $?"
facesearch search --merge a.json a.jsonl; echo "exit $?"
facesearch --quiet search --collection b --name door --image "$PICTURES/nobody.jpg" --mergeable >fault.json
facesearch --quiet search --merge a.json fault.json; echo "exit $?"
facesearch search --collection a --name door --image "$PEOPLE/person09-3.jpg" --mergeable >none.json
facesearch search --merge none.json --fail-if-none | jq -c .faceIdList; echo "exit ${PIPESTATUS[0]}"
# Not what a search wrote.
echo "no JSON" >other.txt
facesearch search --merge a.json other.txt; echo "exit $?"
facesearch search --merge other.txt; echo "exit $?"
: >empty
facesearch search --merge a.json empty; echo "exit $?"
facesearch search --merge missing.json; echo "exit $?"
facesearch search --merge a.jsonl b.jsonl --fail-if-none; echo "exit $?"
facesearch search --merge a.json --collection a; echo "exit $?"
facesearch search --merge a.json --shard 1/2; echo "exit $?"
