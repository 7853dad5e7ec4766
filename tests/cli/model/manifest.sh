# SPDX-License-Identifier: MIT
# 7010: a pack without calibration makes no collection, one without a liveness network checks none, a bad manifest is refused.
facesearch init >made.json
manifest=$SOURCE/models/mini/manifest.json
mkdir raw blind bad
jq 'del(.calibration) | .name = "raw" | .detector.nms = 0.31' "$manifest" >raw/manifest.json
jq 'del(.liveness) | .name = "blind"' "$manifest" >blind/manifest.json
cp "$SOURCE"/models/mini/*.onnx blind
echo '{"format":1,"name":"bad"}' >bad/manifest.json
# What is not there is said before what is not calibrated.
facesearch collection create staff --models raw --pack raw | jq -c '[.errorCode, .reason]'
cp "$SOURCE"/models/mini/*.onnx raw
facesearch collection create staff --models raw --pack raw; echo "exit $?"
facesearch collection create staff --models blind --pack blind --search-liveness on; echo "exit $?"
facesearch collection create staff --models blind --pack blind | jq -c '[.message, .collection.pack]'
facesearch collection update staff --models blind --enroll-liveness on; echo "exit $?"
facesearch collection create other --models bad --pack bad; echo "exit $?"
