# SPDX-License-Identifier: MIT
# remove deletes an installed pack, whole or not; calibrations measured for it stay.
mkdir mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
models=$XDG_DATA_HOME/facesearch-models
facesearch models install ./mine --from "$SOURCE/models/mini" >made.json
mkdir "$models/calibrations"
echo kept >"$models/calibrations/some.json"

facesearch models remove mine
facesearch models remove mine
echo "exit $?"
ls -A "$models/packs"
cat "$models/calibrations/some.json"

echo "--- broken, empty, a link"
mkdir "$models/packs/broken" "$models/packs/empty"
echo '{' >"$models/packs/broken/manifest.json"
ln -s "$WORK/mine" "$models/packs/there"
ln -s "$WORK/nowhere" "$models/packs/nowhere"
for name in broken empty there nowhere; do facesearch models remove $name; done
ls -A "$models/packs" mine

echo "--- what a killed installation left, and a link where the pack will lie"
mkdir "$models/packs/.tmp-0"
echo half >"$models/packs/.tmp-0/detector.onnx"
ln -s "$WORK/nowhere" "$models/packs/mine"
facesearch models list | jq -c '[.result[] | select(.origin == "installed")]'
facesearch models install ./mine --from "$SOURCE/models/mini" | jq -r .pack.folder
ls -A "$models/packs"
