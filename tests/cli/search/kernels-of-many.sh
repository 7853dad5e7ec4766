# SPDX-License-Identifier: MIT
# Every kernel of a machine gives the same answers to many searches at once; a missing one is refused.
facesearch init >made.json
facesearch collection create staff --similarity 0 >made.json
facesearch enroll --collection staff --name-from '{stem}' "$PEOPLE"/person0[1-5]-1.jpg >made.json
for i in 1 2 3 4 5; do
  facesearch template extract --image "$PEOPLE/person0$i-2.jpg" >template.json
  for copy in 1 2 3 4 5 6 7 8; do
    jq -c --arg name "$i$copy" '{requestName: $name, template, fingerprint, limit: ($name | tonumber % 4 + 1)}' template.json
  done
done >probes.jsonl
wc -l <probes.jsonl
answers_of() {
  facesearch search --collection staff --manifest probes.jsonl --kernel "$1" 2>error |
    jq -c 'select(.type | not) | del(.searchId)' >"$1"
}
answers_of scalar
jq -c '[.result | length]' scalar | sort | uniq -c | tr -s ' '
for kernel in avx2 avx-vnni vnni amx; do
  answers_of "$kernel"
  if [ "$(jq -r '.reason // empty' "$kernel" | sort -u)" = KERNEL_UNAVAILABLE ]; then continue; fi
  cmp scalar "$kernel"
done
