# SPDX-License-Identifier: MIT
# --write keeps a calibration: a pack without one can then be used, and it takes precedence over the pack's own.
facesearch init >made.json
mkdir raw
cp "$SOURCE"/models/mini/*.onnx raw
jq 'del(.calibration) | .name = "raw"' "$SOURCE/models/mini/manifest.json" >raw/manifest.json
export FACESEARCH_MODELS=$PWD
facesearch collection create staff --pack raw | jq -c '[.errorCode, .reason]'
facesearch calibrate --folder "$PEOPLE" --pack raw --write --source "the sample people" --top 0 >points.json
jq -r .written points.json | sed 's/[0-9a-f]\{64\}/<fingerprint>/'
stat -c %a "$(jq -r .written points.json)"
facesearch collection create staff --pack raw | jq -c '[.message, .collection.calibration.source, .collection.calibration.measured_to]'
facesearch verify --pack raw "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" | jq -c .match
# raw and mini are the same networks: what was measured is known for both.
facesearch collection create other | jq -c .collection.calibration.source
echo '{' >"$(jq -r .written points.json)"
facesearch collection create third --quiet | jq -c '[.errorCode, .reason]'
# What needs no calibration goes on, and what mends it.
facesearch search --collection staff --name q --image "$PEOPLE/person01-1.jpg" | jq -c .message
facesearch calibrate --folder "$PEOPLE" --write | jq -c .message
facesearch collection create third | jq -c .message
