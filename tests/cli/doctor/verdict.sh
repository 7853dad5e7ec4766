# SPDX-License-Identifier: MIT
# The last line says whether everything needed works. Optional packs that are not installed are no fault; all ends with 0.
verdict() { facesearch doctor "$@" --json | jq -c '[.healthy, .verdict]'; }
verdict
facesearch init >made.json
verdict
facesearch doctor | grep -E '^  pack|works'
echo "exit ${PIPESTATUS[0]}"
facesearch doctor --json | jq -c '[.packs[] | select(.installed) | .name]'
# An optional pack with a fault is not the same as one that is not there.
mkdir -p models/mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >models/mine/manifest.json
cp "$SOURCE"/models/mini/*.onnx models/mine
echo wrong >models/mine/detector.onnx
verdict --models models
echo '{' >models/mine/manifest.json
verdict --models models
# What is needed is named.
mkdir -p models/mini
jq '.embedder.network.file = "elsewhere.onnx"' "$SOURCE/models/mini/manifest.json" >models/mini/manifest.json
chmod 640 "$(jq -r .masterKeyFile made.json)"
verdict --models models
verdict --models nowhere --store nothing
