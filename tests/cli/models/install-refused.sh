# SPDX-License-Identifier: MIT
# Whatever an address sends in place of the file is refused with its reason; nothing is installed and nothing remains.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --background --while $$)
export http_proxy=http://127.0.0.1:$port
mkdir mine
mkfifo pipe
try() { # ADDRESS…
  echo "--- $*"
  jq '.name = "mine" | .detector.network.urls = $ARGS.positional' --args "$@" <"$SOURCE/models/mini/manifest.json" >mine/manifest.json
  facesearch models install ./mine --from "$WORK/rest" | jq -r .reason
  echo "exit ${PIPESTATUS[0]}"
  find "$XDG_DATA_HOME"/facesearch-models/{packs,partial} -mindepth 1
}
mkdir rest
cp "$SOURCE"/models/mini/[el]*.onnx rest
at=http://models.invalid
try $at/wrong/detector.onnx
try $at/size/400000/detector.onnx
try $at/size/500000/detector.onnx
try $at/empty/detector.onnx
try $at/lfs/detector.onnx
try $at/html/detector.onnx
try $at/missing.onnx
try $at/loop/detector.onnx
try $at/to/file/detector.onnx
try ftp://models.invalid/detector.onnx
try 'http://me:secret@models.invalid/status/403/detector.onnx?token=secret'
try "file://$WORK/nowhere" 2>/dev/null # in libcurl's words
try "file://$WORK/pipe"
try file:///dev/zero
try $at/missing.onnx $at/html/detector.onnx "file://$SOURCE/models/mini/landmarks.onnx"
try

echo "--- and the store goes on"
facesearch init >made.json
facesearch collection create staff | jq -c .collection.pack
