# SPDX-License-Identifier: MIT
# The example of docs/cli/models.md.
mkdir mine
cp "$SOURCE"/models/mini/*.onnx mine
jq 'del(.calibration, .liveness) | .name = "mine" | .detector.nms = 0.31' \
  "$SOURCE/models/mini/manifest.json" >mine/manifest.json
facesearch models install ./mine --quiet | jq -r '.lacks[] | .what, .command'
