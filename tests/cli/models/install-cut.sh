# SPDX-License-Identifier: MIT
# An interrupted download resumes where it stopped: in the same run, or in the next, which asks for the rest only.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --log "$WORK/log" --background --while $$)
export http_proxy=http://127.0.0.1:$port
mkdir mine
jq '.name = "mine" | (.. | select(.file?)) |= (.urls = ["http://models.invalid/" + .file])
  | .detector.network.urls = ["http://models.invalid/cut/100000/detector.onnx"]
  | .embedder.network.urls = ["http://models.invalid/stall/3000000/embedder.onnx"]' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
models=$XDG_DATA_HOME/facesearch-models
part=$models/partial/$(jq -r .embedder.network.sha256 mine/manifest.json).part

sh -c 'facesearch models install ./mine 2>said & echo $! >pid'
while [ "$(stat -c %s "$part" 2>/dev/null)" != 3000000 ]; do sleep 0.05; done
kill -TERM "$(cat pid)"
grep -o 'trying again in 1 s' said
facesearch models list | jq -c '.result[] | select(.name == "mine")'
sed 's/ if .*//' log

echo "--- the next run: neither what came whole nor the start of what was cut"
rm log
facesearch models install ./mine | jq -c '[.pack.state, .files[].from]'
sed 's/ if .*//' log
ls -A "$models"/{packs,partial}
facesearch models verify mine | jq .valid
