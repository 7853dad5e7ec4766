# SPDX-License-Identifier: MIT
# A pack that was installed before the program knew its calibration has it: it is looked up by fingerprint.
mkdir mine
jq 'del(.calibration) | .name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
facesearch models install ./mine --from "$SOURCE/models/mini" >made.json
jq -c '[.pack.calibrated, .lacks]' made.json
jq .calibration "$XDG_DATA_HOME/facesearch-models/packs/mine/manifest.json"
facesearch init >made.json
facesearch collection create staff --pack mine | jq -r .collection.calibration.source
echo "--- a calibration for another fingerprint is none"
jq '.detector.nms = 0.31 | .calibration.fingerprint = ("0" * 64)' "$SOURCE/models/mini/manifest.json" | jq '.name = "other"' >mine/manifest.json
cp "$SOURCE"/models/mini/*.onnx mine
facesearch collection create other --models mine --pack other | jq -c '[.errorCode, .reason]'
echo "--- the same manifest with other words is the same pack"
jq '.title = "Another title"' "$SOURCE/models/mini/manifest.json" | jq '.name = "mine"' >mine/manifest.json
facesearch models install ./mine | jq .already
