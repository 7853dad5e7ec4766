# Persons are renamed, merged, split and deleted; ids of faces stay, and answers follow.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
enroll() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$2.jpg"; }
enroll "Adda" person01-1 > a.json
enroll "A. L." person01-2 > b.json
enroll "Bob" person02-1 > c.json
ada=$(jq -r .metaFaceId a.json) twin=$(jq -r .metaFaceId b.json) bob=$(jq -r .metaFaceId c.json)
facesearch person rename "$ada" --collection staff --name Ada
facesearch person merge "$ada" "$twin" --collection staff
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[].user_name]'
facesearch person show "$ada" --collection staff |
  jq -c --slurpfile b b.json '[.person.faces, .faces[1].face_id == $b[0].faceId]'
facesearch person split --collection staff --face "$(jq -r .faceId b.json)" --name Cleo > split.json
jq -c '[.person.user_name, .person.faces]' split.json
facesearch face move --collection staff --face "$(jq -r .faceId b.json)" --to "$bob" | jq -c '[.person.user_name, .person.faces]'
facesearch face set --collection staff --face "$(jq -r .faceId b.json)" --metadata badge=7 --metadata team=blue > /dev/null
facesearch face set --collection staff --face "$(jq -r .faceId b.json)" --unset badge | jq -c .face.metadata
facesearch person export "$bob" --collection staff | jq -c '[.faces[] | has("template")]'
facesearch person export "$bob" --collection staff --templates | jq -c '[.fingerprint != null, (.faces[] | has("template"))]'
facesearch person delete "$bob" --collection staff
facesearch person list --collection staff | jq -c '[.result[].user_name]'
facesearch person delete "$ada" --collection staff --purge
facesearch person list --collection staff

# The same by JSON.
enroll "Ada" person01-1 > a.json
enroll "Eve" person02-1 > b.json
jq -n --slurpfile a a.json --slurpfile b b.json \
  '{collectionId: "staff", metaFaceIds: [$a[0].metaFaceId, $b[0].metaFaceId]}' | facesearch person merge |
  jq -c '[.person.user_name, .person.faces]'
jq -n --slurpfile b b.json '{collectionId: "staff", faceIds: [$b[0].faceId], userName: "Eve"}' | facesearch person split |
  jq -c '[.person.user_name, .person.faces]'
jq -n --slurpfile a a.json '{collectionId: "staff", metaFaceId: $a[0].metaFaceId, userName: "Ann"}' |
  facesearch person rename | jq -c .person.user_name
jq -n --slurpfile a a.json '{collectionId: "staff", faceId: $a[0].faceId, metadata: {k: "v"}, unset: ["x"]}' |
  facesearch face set | jq -c .face.metadata
