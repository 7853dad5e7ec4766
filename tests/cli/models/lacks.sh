# SPDX-License-Identifier: MIT
# not under sanitizers: a thousand faces are looked at
# install and doctor say what a pack cannot do yet, and the command that mends it, which works as it is printed (DIR stands for your
# pictures).
mkdir mine
cp "$SOURCE"/models/mini/*.onnx mine
jq 'del(.calibration, .liveness) | .name = "mine" | .detector.nms = 0.31' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
facesearch models install ./mine | jq -c '.lacks[]'

echo "--- doctor"
facesearch doctor | grep -A2 -E '^  pack +(mine|mobilefacenet|opencv-zoo)'
facesearch doctor --json | jq -c '.packs[] | select(.name == "mine") | .lacks[]'

echo "--- the command works"
command=$(facesearch doctor --json | jq -r '.packs[] | select(.name == "mine") | .lacks[0].command')
eval "${command/DIR/"$PEOPLE"}" --quiet | jq -c '[.message, .pack, has("written")]'
facesearch doctor --json | jq -c '[.packs[] | select(.name == "mine") | .lacks[].what]'

echo "--- of a folder with a space, by --models"
mkdir "my packs"
jq '.name = "yours" | .detector.nms = 0.32' mine/manifest.json >"my packs/manifest.json"
cp mine/*.onnx "my packs"
facesearch init >made.json
facesearch collection create staff --pack yours --models "my packs"
command=$(facesearch doctor --json --models "my packs" | jq -r '.packs[] | select(.name == "yours") | .lacks[0].command')
echo "$command"
eval "${command/DIR/"$PEOPLE"}" --quiet | jq -c '[.message, .pack, has("written")]'
facesearch collection create staff --pack yours --models "my packs" | jq -c .message
