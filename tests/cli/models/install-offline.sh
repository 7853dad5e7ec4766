# SPDX-License-Identifier: MIT
# --offline asks no address: a missing file is an error that names what was looked at, the address and what to do.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --log "$WORK/log" --background --while $$)
export http_proxy=http://127.0.0.1:$port
mkdir mine some
jq '.name = "mine" | (.. | select(.file?)) |= (.urls = ["http://models.invalid/" + .file])' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
cp "$SOURCE"/models/mini/[el]*.onnx some
echo wrong >some/detector.onnx
facesearch models install ./mine --offline --from some
echo "exit $?"
facesearch models install ./mine --offline --from http://models.invalid/pack.zip
echo "exit $?"
[ ! -e log ] && echo "nobody was asked"

echo "--- with what it says"
facesearch models install ./mine --offline --from some --from "$SOURCE/models/mini" | jq -c '.pack.state, .files[0]'
facesearch models remove mine | jq -r .message
facesearch models install ./mine --from some | jq -c '.pack.state, .files[0]'
cat log
