# SPDX-License-Identifier: MIT
# Shards that are matched by person merge to what both collections answer as one: the mean decides. A shard that is
# matched by face is refused beside one that is matched by person.
facesearch init > /dev/null
for part in north south; do facesearch collection create "$part" --match-by person > /dev/null; done
facesearch collection create faces > /dev/null
enroll() { # COLLECTION NAME PERSON FILE…: all of one person
  local collection=$1 name=$2 files=("${@:3}") person
  person=$(facesearch enroll --collection "$collection" --name "$name" --image "${files[0]}" | jq -r .metaFaceId)
  for file in "${files[@]:1}"; do
    facesearch enroll --collection "$collection" --name "$name" --person "$person" --image "$file" > /dev/null
  done
}
enroll north "Ada" "$PEOPLE"/person01-[12].jpg
enroll north "Bob" "$PEOPLE/person02-1.jpg"
enroll south "Ada, too" "$PEOPLE/person01-3.jpg"
enroll faces "Ada" "$PEOPLE"/person01-[12].jpg
probe=(--name door --image "$PEOPLE/person01-4.jpg" --mergeable)
for part in north south faces; do facesearch search --collection "$part" "${probe[@]}" > "$part.json"; done
jq -c '[.merge.faces, .merge.match_by]' north.json south.json faces.json
facesearch search --merge north.json south.json | jq -c '[.result[] | [.user_name, .person_score != null]]'
facesearch search --collections north,south "${probe[@]}" > both.json
cmp <(facesearch search --merge north.json south.json | jq '[.faceIdList, .matches_total, .expected_false_candidates]') \
  <(jq '[.faceIdList, .matches_total, .expected_false_candidates]' both.json)
facesearch search --merge north.json faces.json | jq -c '[.errorCode, .reason]'
facesearch search --collections north,faces "${probe[@]}" | jq -c '[.errorCode, .reason, .detail]'
