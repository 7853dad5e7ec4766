# SPDX-License-Identifier: MIT
# For a file without a known checksum the first download counts: reported, recorded, and checked from then on.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --log "$WORK/log" --background --while $$)
export http_proxy=http://127.0.0.1:$port
mkdir mine
packs=$XDG_DATA_HOME/facesearch-models/packs
manifest() { # ADDRESS of the detector and of the second liveness network
  jq --arg at "$1" '.name = "mine" | (.. | select(.file?)) |= (.urls = ["http://models.invalid/" + .file])
    | (.detector.network, .liveness.networks[1].network) |= (del(.bytes, .sha256) | .urls = [$at + "/" + .file])' \
    "$SOURCE/models/mini/manifest.json" >mine/manifest.json
}

echo "--- not over http"
manifest http://models.invalid
facesearch models show mine --models mine | jq -c '.pack | [.state, .fingerprint, .files[0].sha256]'
facesearch models install ./mine
echo "exit $?"
[ ! -e log ] && echo "nobody was asked"

echo "--- over file"
manifest "file://$SOURCE/models/mini"
facesearch models install ./mine | jq -c '[.pack.state, .pack.fingerprint], .files[]'
jq -c '.detector.network, .liveness.networks[1].network | [.file, .bytes, .sha256, .urls]' "$packs/mine/manifest.json"
facesearch models verify mine | jq .valid

echo "--- the same manifest again, and with another file than the one that came first"
facesearch models install ./mine | jq -c '[.already, .files]'
mkdir other
cp "$SOURCE/models/mini/landmarks.onnx" other/detector.onnx
facesearch models install ./mine --from other | jq .already
rm "$packs/mine/detector.onnx"
facesearch models install ./mine --from other --offline | jq -c '.files[0]'
rm "$packs/mine/detector.onnx"
facesearch models install ./mine --quiet | jq -c '.files[0]'

echo "--- removed, it is open again, and --quiet does not say so"
facesearch models remove mine
facesearch models install ./mine --quiet | jq -c '.files[0]'
