# SPDX-License-Identifier: MIT
# Without the default pack doctor reports a fault, whatever other packs there are.
facesearch init >made.json
mkdir -p models/mini
jq '.embedder.network.file = "elsewhere.onnx"' "$SOURCE/models/mini/manifest.json" >models/mini/manifest.json
cp "$SOURCE"/models/mini/[dl]*.onnx models/mini
facesearch doctor --models models --json | jq -c '[.healthy, (.packs[] | select(.name == "mini") | .fault)]'
facesearch doctor --json | jq .healthy
