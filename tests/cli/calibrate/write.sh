# SPDX-License-Identifier: MIT
# --write keeps a calibration: a pack without one can then be used, and it takes precedence over the pack's own.
facesearch init >made.json
mkdir raw
cp "$SOURCE"/models/mini/*.onnx raw
jq 'del(.calibration) | .name = "raw" | .detector.nms = 0.31' "$SOURCE/models/mini/manifest.json" >raw/manifest.json
export FACESEARCH_MODELS=$PWD
facesearch collection create staff --pack raw | jq -c '[.errorCode, .reason]'
facesearch calibrate --folder "$PEOPLE" --pack raw --write --source "the sample people" --top 0 >points.json
jq -r .written points.json | sed 's/[0-9a-f]\{64\}/<fingerprint>/'
stat -c %a "$(jq -r .written points.json)"
facesearch collection create staff --pack raw | jq -c '[.message, .collection.calibration.source, .collection.calibration.measured_to]'
facesearch verify --pack raw "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" | jq -c .match
# What was measured is known for every pack of the same networks, and for no other.
mkdir twin
jq '.name = "twin"' raw/manifest.json >twin/manifest.json
facesearch collection create other --pack twin --models . | jq -c .collection.calibration.source
facesearch collection create usual | jq -c .collection.calibration.source
# It goes before the pack's own.
facesearch calibrate --folder "$PEOPLE" --write --source "my own" --top 0 >points.json
facesearch collection create mine | jq -c .collection.calibration.source
echo '{' >"$(jq -r .written points.json)"
facesearch collection create third --quiet | jq -c '[.errorCode, .reason]'
# What needs no calibration goes on, and what mends it.
facesearch search --collection staff --name q --image "$PEOPLE/person01-1.jpg" | jq -c .message
facesearch calibrate --folder "$PEOPLE" --write | jq -c .message
facesearch collection create third | jq -c .message
