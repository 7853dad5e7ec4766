# SPDX-License-Identifier: MIT
# Names and manifests that are invalid, taken or unknown are refused, and nothing is made for them.
try() {
  facesearch models "$@" | jq -r .reason
  echo "exit ${PIPESTATUS[0]}"
}
try install nothing
try install nothing/manifest.json
try install mini
try install "$SOURCE/models/mini"
try remove mini
try remove nothing
try remove opencv-zoo
try show nothing
try verify ../mini
try verify ''
try install ''
try install .
try show -- -x
try install "$(printf '%065d' 0)"
ls -A "$XDG_DATA_HOME" 2>/dev/null

echo "--- manifests"
mkdir mine
change() { # JQ
  echo "$1"
  jq ".name = \"mine\" | $1" "$SOURCE/models/mini/manifest.json" >mine/manifest.json
  try install ./mine --from "$SOURCE/models/mini"
}
echo '{' >mine/manifest.json
try install ./mine
: >mine/manifest.json
try install ./mine
head -c 2000000 /dev/zero >mine/manifest.json
try install ./mine
rm mine/manifest.json
mkfifo mine/manifest.json
try install ./mine
rm mine/manifest.json
change '.name = "../mine"'
change '.name = ["mine"]'
change '.detector = 5'
change '.detector.network.file = "../mini/detector.onnx"'
change '.detector.network.file = "/etc/passwd"'
change 'del(.detector.network.bytes)'
change '.detector.network.urls = [range(9) | "http://a/\(.)"]'
change '.detector.network.file = "manifest.json"'
change '.detector.network.file = "a" | .embedder.network.file = "a/b/c"'
change '.detector.network.file = "embedder.onnx"'
change '.deep = reduce range(40) as $i (0; [.])'
ls -A "$XDG_DATA_HOME" 2>/dev/null

echo "--- no place"
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
env -u HOME -u XDG_DATA_HOME facesearch models install ./mine
env -u HOME -u XDG_DATA_HOME facesearch models list | jq .totalCount
XDG_DATA_HOME=/dev/null facesearch models install ./mine
echo "exit $?"
