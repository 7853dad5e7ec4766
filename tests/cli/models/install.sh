# SPDX-License-Identifier: MIT
# A pack is installed from the folder that holds it: once, repaired if damaged, and never over another one.
mkdir mine
cp "$SOURCE"/models/mini/*.onnx mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
packs=$XDG_DATA_HOME/facesearch-models/packs
state() { facesearch models list | jq -c '.result[] | select(.name == "mine") | [.origin, .state, .bytes]'; }

facesearch models install ./mine | jq -c '[.message, .pack.name, .pack.folder, .already], .files[]'
state
cmp mine/manifest.json "$packs/mine/manifest.json" && stat -c '%a %n' "$packs" "$packs/mine" "$packs"/mine/*

echo "--- again, by its manifest"
facesearch models install mine/manifest.json | jq -c '[.pack.name, .already, .files]'

echo "--- damaged, and mended by what is right"
printf x >>"$packs/mine/embedder.onnx"
rm "$packs/mine/landmarks.onnx"
state
rm mine/detector.onnx
facesearch models install ./mine | jq -c '[.already, [.files[].from]]'
state

echo "--- another of the same name"
mkdir other
jq '.detector.nms = 0.4' mine/manifest.json >other/manifest.json
facesearch models install ./other --from mine
echo "exit $?"
facesearch models remove mine
facesearch models install ./other --from "$SOURCE/models/mini" | jq .already
ls -A "$packs" "$packs/../partial"
