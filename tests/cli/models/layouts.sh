# SPDX-License-Identifier: MIT
# `--models DIR` and `models install --from DIR` accept the same folders: a pack, a folder of packs, or files alone.
jq '.name = "mine" | .detector.network.file = "nets/detector.onnx"' "$SOURCE/models/mini/manifest.json" >manifest.json
new() { # LAYOUT, FOLDER OF THE NETWORKS, FOLDER OF THE DETECTOR
  mkdir -p "$1/$2" "$1/$3"
  cp "$SOURCE"/models/mini/[el]*.onnx "$1/$2"
  cp "$SOURCE/models/mini/detector.onnx" "$1/$3"
}
new pack . nets && cp manifest.json pack
new packs mine mine/nets && cp manifest.json packs/mine
new loose . . && cp manifest.json loose
new loose-packs mine mine && cp manifest.json loose-packs/mine
for folder in pack packs loose loose-packs; do
  echo "--- $folder"
  facesearch detect "$PEOPLE/person01-1.jpg" --models $folder --pack mine | jq .faces_found
  facesearch models install mine --from $folder | jq -c '[.pack.name, .files[3].from]'
  facesearch models remove mine | jq -c .message
done

echo "--- files alone, with a manifest from elsewhere"
mkdir -p share/mine
cp manifest.json share/mine
new files . nets
new files-packs mine mine
for folder in files files-packs; do
  facesearch models install ./share/mine --from $folder | jq -c '[.pack.name, .files[3].from]'
  rm "$XDG_DATA_HOME/facesearch-models/packs/mine/nets/detector.onnx"
  facesearch detect "$PEOPLE/person01-1.jpg" --models $folder --pack mine | jq .faces_found
  facesearch models remove mine | jq -c .message
done

echo "--- a path is searched in the same way"
facesearch models install ./loose | jq -c '[.pack.name, .files[3].from]'
facesearch models remove mine | jq -c .message

echo "--- where it was looked for"
mkdir empty
facesearch models install mine --from empty --from files
facesearch detect "$PEOPLE/person01-1.jpg" --models empty --pack mine
facesearch models install ./share/mine --from empty
facesearch detect "$PEOPLE/person01-1.jpg" --models share --pack mine
