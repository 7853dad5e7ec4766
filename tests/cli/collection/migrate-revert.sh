# SPDX-License-Identifier: MIT
# The former side is kept until --confirm or --revert; faces erased meanwhile stay erased.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos other
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
export FACESEARCH_MODELS=$PWD/other
add() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$1-1.jpg" | jq -r .faceId; }
first=$(add person01)
second=$(add person02)
cp "$PEOPLE"/person0[12]-1.jpg photos
migrate() { facesearch collection migrate staff "$@" 2>&1; }
migrate --to other --photos photos | jq -c '[.migrated, .unused]'
migrate --to mini --photos photos --quiet; echo "exit $?"
third=$(add person03)
migrate --revert --quiet; echo "exit $?"
facesearch face delete --collection staff --face "$third" | jq -c .message
facesearch face delete --collection staff --face "$first" | jq -c .message
facesearch collection show staff | jq -c '.collection | [.pack, .faces, .kept.pack, .kept.faces]'
migrate --revert | jq -c '.collection | [.pack, .faces, .kept]'
facesearch face list --collection staff --page 1 | jq -c --arg second "$second" '[.result[].face_id] == [$second]'
for face in "$first" "$third"; do facesearch face delete --collection staff --face "$face" | jq -c .errorCode; done
facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result[].user_name]'
migrate --revert --quiet; echo "exit $?"
migrate --confirm --quiet; echo "exit $?"
# A deletion takes both sides.
migrate --to other --photos photos | jq -c .collection.kept.faces
facesearch collection delete staff | jq -c .message
find "$XDG_DATA_HOME/facesearch" -name '*.mdb'
migrate --revert --quiet; echo "exit $?"
