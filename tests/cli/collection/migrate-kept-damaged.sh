# SPDX-License-Identifier: MIT
# A damaged former side is reported and blocks nothing: it can still be deleted.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos other
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
export FACESEARCH_MODELS=$PWD/other
facesearch enroll --collection staff --name person01 --image "$PEOPLE/person01-1.jpg" >made.json
cp "$PEOPLE/person01-1.jpg" photos
facesearch collection migrate staff --to other --photos photos | jq -c '[.migrated, .collection.kept.pack]'
kept=$(find "$XDG_DATA_HOME/facesearch" -path '*gen-1/data.mdb')
head -c "$(stat -c %s "$kept")" /dev/zero >"$kept"
facesearch collection show staff | jq -c '.collection | [.pack, .faces, (.kept | keys)]'
facesearch collection update staff --similarity 70 | jq -c .collection.policy.similarity
facesearch collection list | jq -c '[.result[] | [.id, .fault]]'
facesearch search --collection staff --name door --image "$PEOPLE/person01-2.jpg" | jq -c '[.result[].user_name]'
facesearch collection migrate staff --confirm | jq -c '.collection | [.pack, .kept]'
