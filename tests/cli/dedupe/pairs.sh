# SPDX-License-Identifier: MIT
# Pairs of different persons, best first; --limit lists fewer and counts all; --same-person adds a person's own; the threshold decides.
facesearch init >made.json
facesearch collection create staff >made.json
enroll() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$2.jpg" "${@:3}" | jq -r "$FIELD"; }
person=$(FIELD=.metaFaceId enroll Ann person01-1)
FIELD=empty enroll Ann person01-2 --person "$person"
FIELD=empty enroll Eve person01-3
FIELD=empty enroll Bob person02-1
FIELD=empty enroll Cyd person03-1
ask() { facesearch dedupe --collection staff "$@" >answer.json; echo "exit $?"; }
ask
jq -c keys_unsorted answer.json
jq -c '.result[0] | [keys_unsorted, (.faces[] | keys_unsorted)]' answer.json
jq -c '[.collectionId, .similarity, .same_person, .faces, .pairs_compared, .pairs_total, .truncated, .expected_false_pairs]' answer.json
jq -c '[.result[] | [.faces[].user_name]], ([.result[].similarity_score] | . == (sort | reverse)), .result[0].faces[0].meta_face_id' answer.json
jq -c '[.result[].faces | .[0].face_id < .[1].face_id] | all' answer.json
ask --limit 1; jq -c '[(.result | length), .pairs_total, .truncated]' answer.json
ask --same-person; jq -c '[.same_person, .pairs_compared, .pairs_total]' answer.json
ask --threshold 0; jq -c '[.similarity, .pairs_total, .expected_false_pairs]' answer.json
ask --threshold 100; jq -c '[.pairs_total, .result, .truncated]' answer.json
facesearch dedupe --collection staff --threshold 0 >before.json
for threads in 1 2 3; do facesearch dedupe --collection staff --threshold 0 --threads $threads | cmp - before.json; done
