# SPDX-License-Identifier: MIT
# A pack of the catalogue that is not installed is said to be, with the command that installs it, by every command that needs it.
for pack in opencv-zoo dlib-densenet mobilefacenet; do
  facesearch detect "$PEOPLE/person01-1.jpg" --pack $pack
  echo "exit $?"
done
facesearch calibrate --provisional --pack opencv-zoo
echo "exit $?"

echo "--- with some of its files by --models"
mkdir some
cp "$SOURCE/models/mini/detector.onnx" some/face_detection_yunet_2023mar.onnx
facesearch detect "$PEOPLE/person01-1.jpg" --pack opencv-zoo --models some | jq -r .reason
mkdir empty
facesearch detect "$PEOPLE/person01-1.jpg" --pack opencv-zoo --models empty
echo "exit $?"
