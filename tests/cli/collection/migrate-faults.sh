# SPDX-License-Identifier: MIT
# An invalid migration is refused before a photograph is read.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir photos other
cp "$SOURCE"/models/mini/*.onnx other
jq '.name = "other" | .embedder.mirror = true' "$SOURCE/models/mini/manifest.json" >other/manifest.json
export FACESEARCH_MODELS=$PWD/other
add() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$1-1.jpg" | jq -r .faceId; }
cp "$PEOPLE/person01-1.jpg" photos
migrate() { facesearch collection migrate "$@"; echo "exit $?"; }
migrate staff
migrate staff --to other
migrate staff --photos photos
migrate staff --confirm --revert
migrate staff --confirm --allow-missing
migrate nobody --to other --photos photos
migrate staff --to mini --photos photos --quiet | sed 's/[0-9a-f]\{12\}/…/'
migrate staff --to none --photos photos
migrate staff --to other --photos missing
mkdir empty
migrate staff --to other --photos empty
jq '.name = "other" | .embedder.mirror = true | del(.liveness)' "$SOURCE/models/mini/manifest.json" >other/manifest.json
facesearch collection update staff --search-liveness on >made.json
migrate staff --to other --photos photos
facesearch key create --label clerk --scope enroll,search,delete | jq -r .key >clerk.key
migrate staff --to other --photos photos --api-key-file clerk.key
