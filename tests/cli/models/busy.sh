# SPDX-License-Identifier: MIT
# During an installation other installations wait for --lock-timeout seconds and no longer; reading commands do not wait.
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$SOURCE/models/mini" --log "$WORK/log" --background --while $$)
mkdir mine
jq '.name = "mine" | .detector.network.urls = ["http://models.invalid/stall/10/detector.onnx"]' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
mkdir -p "$XDG_DATA_HOME/facesearch-models/packs/old"
http_proxy=http://127.0.0.1:$port sh -c 'facesearch models install ./mine & echo $! >pid'
while [ ! -s log ]; do sleep 0.05; done
facesearch models install ./mine --lock-timeout 0.1
echo "exit $?"
facesearch models remove old --lock-timeout 0
echo "exit $?"
facesearch models list | jq .totalCount
kill -KILL "$(cat pid)"
facesearch models remove old
find "$XDG_DATA_HOME/facesearch-models" -mindepth 1 -type d | sort
