# SPDX-License-Identifier: MIT
# A file with the right checksum that is no such network is detected before the pack is installed.
mkdir mine
packs=$XDG_DATA_HOME/facesearch-models/packs
try() { # FILE as the detector
  cp "$1" mine/detector.onnx
  jq --arg sum "$(sha256sum "$1" | cut -d ' ' -f 1)" --argjson bytes "$(stat -c %s "$1")" \
    '.name = "mine" | .detector.network += {bytes: $bytes, sha256: $sum}' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
  facesearch models install ./mine 2>/dev/null | jq -c '[.reason, (.detail | split(":")[0])]'
  echo "exit ${PIPESTATUS[0]}"
  ls -A "$packs"
}
cp "$SOURCE"/models/mini/[el]*.onnx mine
echo "not a network" >text
try text
try "$SOURCE/models/mini/embedder.onnx"
jq '.name = "mine" | .detector.runtime = "caffe-yunet"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
cp "$SOURCE/models/mini/detector.onnx" mine
facesearch models install ./mine
echo "exit $?"
ls -A "$packs"
