# SPDX-License-Identifier: MIT
# --from names folders of files, searched in order: by the path in the manifest, the bare name, then by size and checksum below the folder.
# A file that has the name and is another one is passed over, and named where no file is right.
mkdir mine nested flat wrong
jq 'del(.calibration) | .name = "mine" | .detector.network.file = "nets/detector.onnx"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
mkdir nested/nets
cp "$SOURCE/models/mini/detector.onnx" nested/nets
cp "$SOURCE"/models/mini/[el]*.onnx flat
echo wrong >wrong/detector.onnx
left() { ls -A "$XDG_DATA_HOME"/facesearch-models/{packs,partial}; }

facesearch models install ./mine --from flat
echo "exit $?"
facesearch models install ./mine --from wrong --from flat
echo "exit $?"
facesearch models install ./mine --from wrong --from nested --from flat | jq -c '.files[].from'
facesearch models remove mine

echo "--- by its bare name"
mv nested/nets/detector.onnx flat
facesearch models install ./mine --from flat | jq -c '.files[3].from, .pack.files[0].path'
facesearch models remove mine

echo "--- by its size and checksum alone"
mkdir -p any/where
mv flat/detector.onnx any/where/download
facesearch models install ./mine --from flat --from any | jq -c '.files[4].from'
facesearch models remove mine

echo "--- no folder, a pipe, an endless file, a folder, a pointer instead of a file"
facesearch models install ./mine --from nowhere
echo '{}' >note.json
facesearch models install ./mine --from note.json
mkdir strange
mkfifo strange/detector.onnx
facesearch models install ./mine --from strange --from flat
ln -sf /dev/zero strange/detector.onnx
facesearch models install ./mine --from strange --from flat
rm strange/detector.onnx
mkdir strange/detector.onnx
facesearch models install ./mine --from strange --from flat
rmdir strange/detector.onnx
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 469307\n' >strange/detector.onnx
facesearch models install ./mine --from strange --from flat
left
