# SPDX-License-Identifier: MIT
# 7005: a pack, or a file of it, that is not there or not what its manifest says is told by name.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create other --pack nothing; echo "exit $?"
facesearch search --collection staff --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
cp -r "$SOURCE/models/catalog/mobilefacenet" pack
mkdir pack/yunet
echo short >pack/yunet/face_detection_yunet_2023mar.onnx
facesearch detect --models pack "$PEOPLE/person01-1.jpg"; echo "exit $?"
truncate -s 232589 pack/yunet/face_detection_yunet_2023mar.onnx
facesearch detect --models pack "$PEOPLE/person01-1.jpg"; echo "exit $?"
