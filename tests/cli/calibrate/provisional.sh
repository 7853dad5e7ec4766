# SPDX-License-Identifier: MIT
# not under sanitizers: a thousand faces are looked at
# The example of docs/cli/calibrate.md: a pack that nobody calibrated works at once, and its answers say that its scores are estimated.
facesearch init >made.json
mkdir raw
cp "$SOURCE"/models/mini/*.onnx raw
jq 'del(.calibration) | .name = "raw" | .detector.nms = 0.31' \
  "$SOURCE/models/mini/manifest.json" >raw/manifest.json
export FACESEARCH_MODELS=$PWD
facesearch calibrate --provisional --pack raw --write | jq -c '[.message, .calibration, .mates]'
facesearch verify --pack raw "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" | jq -c '[.match, .calibration]'
facesearch collection create staff --pack raw | jq -c .collection.calibration.provisional
