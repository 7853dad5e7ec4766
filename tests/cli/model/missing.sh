# SPDX-License-Identifier: MIT
# 7005: a pack or a file that is missing or differs from its manifest is named.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create other --pack nothing; echo "exit $?"
ask() {
  facesearch search --models "$1" --collection staff --name door --image "$PEOPLE/person01-1.jpg" 2>/dev/null |
    sed -E 's/[0-9a-f]{64}/<sha256>/g; s/(manifest says) [0-9]+/\1 <bytes>/'
  echo "exit ${PIPESTATUS[0]}"
}
cp -r "$SOURCE/models/mini" pack
rm pack/landmarks.onnx
ask pack
echo short >pack/detector.onnx
ask pack
truncate -s "$(jq .detector.network.bytes pack/manifest.json)" pack/detector.onnx
ask pack
echo '{}' >pack/manifest.json
ask pack
