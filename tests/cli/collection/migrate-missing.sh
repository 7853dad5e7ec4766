# SPDX-License-Identifier: MIT
# A face without a photograph stops a migration; --dry-run lists it, --allow-missing leaves it out.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos other
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
export FACESEARCH_MODELS=$PWD/other
add() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$1-1.jpg" | jq -r .faceId; }
first=$(add person01)
second=$(add person02)
third=$(add person03)
echo "$first $second $third"
cp "$PEOPLE"/person01-[12].jpg photos
mkdir photos/more photos/.hidden
cp "$PICTURES/nobody.jpg" "$PEOPLE/person04-1.jpg" photos/more
cp "$PEOPLE/person02-1.jpg" photos/.hidden
echo words >photos/more/notes.txt
migrate() { facesearch collection migrate staff --to other --photos photos "$@"; }
migrate; echo "exit $?"
facesearch collection show staff | jq -c '.collection | [.pack, .faces, .kept]'
migrate --dry-run | jq -c '[.message, .dry_run, .collection.pack, .collection.faces, .migrated, .missing, .unused]'
migrate --allow-missing | jq -c '[.message, .dry_run, .collection.pack, .collection.faces, .migrated, .missing]'
facesearch face list --collection staff --page 1 | jq -c '[.result[] | [.face_id, .user_name]]'
# What was left out is in the kept side only. Erased in so many words, it does not come back.
facesearch face delete --collection staff --face "$second"
facesearch face delete --collection staff --face "$second"; echo "exit $?"
facesearch collection migrate staff --revert | jq -c '.collection | [.pack, .faces, .kept]'
facesearch face list --collection staff --page 1 | jq -c '[.result[].face_id]'
