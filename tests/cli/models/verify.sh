# SPDX-License-Identifier: MIT
# verify reads every file and runs every network: a missing, short, altered or wrong one ends it with 7.
mkdir mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
place=$XDG_DATA_HOME/facesearch-models/packs/mine
new() {
  rm -rf "$place"
  facesearch models install ./mine --from "$SOURCE/models/mini" >made.json
}
try() { # ARGUMENT…
  facesearch models verify "$@" >answer.json
  echo "exit $?"
  jq -c '.valid, (.result[] | [.name, .state, .fault] + [.files[] | select(.fault or .path == null) | .file, .fault])' answer.json
}
new
try
echo "--- missing"
rm "$place/detector.onnx"
try
echo "--- short"
new
truncate -s 100 "$place/detector.onnx"
try mine
echo "--- altered: by its size alone it looks well"
new
printf x | dd of="$place/embedder.onnx" bs=1 seek=1000 conv=notrunc status=none
facesearch models show mine | jq -r .pack.state
try mine
echo "--- of another kind, with a manifest that says so"
new
cp "$place/landmarks.onnx" "$place/detector.onnx"
jq '.landmarks.network as $other | .detector.network += ($other | {bytes, sha256})' mine/manifest.json >"$place/manifest.json"
try mine --quiet
echo "--- a manifest that cannot be read"
echo '{' >"$place/manifest.json"
facesearch models list | jq -c '.result[] | select(.fault) | [.name, .origin, .state]'
try
try mini
facesearch models verify mine
echo "exit $?"
