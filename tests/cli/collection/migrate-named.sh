# SPDX-License-Identifier: MIT
# If the collection's own pack is missing, a photograph is recognised by the id in its file's name.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos other
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
export FACESEARCH_MODELS=$PWD/other
add() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$1-1.jpg" | jq -r .faceId; }
first=$(add person01)
second=$(add person02)
cp "$PEOPLE/person01-1.jpg" "photos/${first^^}.JPG"
cp "$PEOPLE/person02-1.jpg" photos
# Another pack took the place of mini.
jq '.embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
migrate() { facesearch collection migrate staff --to mini --photos photos; }
migrate; echo "exit $?"
mkdir photos/named
mv photos/person02-1.jpg "photos/named/$second.jpg"
cp "$PEOPLE/person03-1.jpg" photos
migrate | jq -c '[.migrated, .missing, .unused]'
facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result[].user_name]'
