# SPDX-License-Identifier: MIT
# A signal while a new pack is estimated ends the estimate: the pack is installed, and the answer says what it lacks.
mkdir mine
cp "$SOURCE"/models/mini/*.onnx mine
jq 'del(.calibration) | .name = "mine" | .detector.nms = 0.31' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
sh -c 'facesearch models install ./mine >answer.json 2>said & echo $! >pid; wait $!; echo $? >status' &
while ! grep -q estimated said 2>/dev/null; do sleep 0.05; done
kill -TERM "$(cat pid)"
wait
echo "exit $(cat status)"
jq -c '[.message, .pack.state, .pack.calibrated], .lacks[]' answer.json
cat said >&2

echo "--- it is there"
facesearch models list | jq -c '.result[] | select(.name == "mine") | [.state, .calibrated]'
facesearch detect --pack mine "$PEOPLE/person01-1.jpg" | jq .faces_found
