# SPDX-License-Identifier: MIT
# Files come from the addresses of the manifest, the next one if one fails; redirects are followed, file addresses are read.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --log "$WORK/log" --background --while $$)
export http_proxy=http://127.0.0.1:$port
mkdir mine
at=http://models.invalid
jq --arg at $at --arg here "file://$SOURCE/models/mini" '.name = "mine"
  | (.. | select(.file?)) |= (.urls = [$at + "/" + .file])
  | .detector.network.urls = [$at + "/redirect/2/detector.onnx?token=secret"]
  | .landmarks.network.urls = [$at + "/status/404/landmarks.onnx", $at + "/lfs/landmarks.onnx", $at + "/landmarks.onnx"]
  | .embedder.network.urls = [$here + "/embedder.onnx"]' "$SOURCE/models/mini/manifest.json" >mine/manifest.json

facesearch models show mine --models mine | jq -c '.pack | [.origin, .state], .files[1].urls'
facesearch models install ./mine | jq -c '[.pack.state, .already], .files[]'
cat log

echo "--- nothing is asked for again"
facesearch models install ./mine | jq .already
printf x >>"$XDG_DATA_HOME/facesearch-models/packs/mine/liveness-2.7.onnx"
facesearch models install ./mine | jq -c '.files[].from'
tail -n +8 log
facesearch models verify mine | jq .valid
ls -A "$XDG_DATA_HOME"/facesearch-models/{packs,partial}
