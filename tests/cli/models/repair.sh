# SPDX-License-Identifier: MIT
# A damaged pack of one's own: doctor names the damage and the command that repairs it, which works with the folder of the files.
mkdir mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
facesearch models install ./mine --from "$SOURCE/models/mini" >made.json
rm -r mine
packs=$XDG_DATA_HOME/facesearch-models/packs
lacks() { facesearch doctor --json | jq -c '.packs[] | select(.name == "mine") | .lacks[] | [.what, .detail, .command]'; }

printf x | dd of="$packs/mine/embedder.onnx" bs=1 seek=1000 conv=notrunc status=none
lacks
facesearch models install mine
echo "exit $?"
command=$(facesearch doctor --json | jq -r '.packs[] | select(.name == "mine") | .lacks[0].command')
eval "${command/DIR/"$SOURCE/models/mini"}" | jq -c '[.already, .pack.state]'
lacks
echo "--- a file is gone"
rm "$packs/mine/detector.onnx"
lacks
facesearch models install mine --from "$SOURCE/models/mini/detector.onnx" | jq -c '[.already, .pack.state]'
echo "--- whole"
facesearch models install mine | jq .already
