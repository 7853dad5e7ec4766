# SPDX-License-Identifier: MIT
# A collection of an installed pack works beside one of the built-in pack; their templates do not mix. Without its pack
# it cannot be searched by picture, and the error says how to install the pack again.
mkdir mine
jq '.name = "mine" | .detector.nms = 0.4' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
facesearch models install ./mine --from "$SOURCE/models/mini" >made.json
facesearch init >made.json
for pack in mini mine; do
  facesearch collection create of-$pack --pack $pack | jq -r .collection.pack
  facesearch enroll --collection of-$pack --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .message
done
search() { facesearch search --collection "$1" --name door --image "$PEOPLE/person01-3.jpg"; }
search of-mini | jq -c '[.result[].user_name]'
search of-mine | jq -c '[.result[].user_name]'

echo "--- a template of the one is none of the other"
facesearch template extract --pack mine --image "$PEOPLE/person01-3.jpg" >ada.json
facesearch search --collection of-mine --name door --template ada.json | jq -c '[.result[].user_name]'
facesearch search --collection of-mini --name door --template ada.json | jq -c '[.errorCode, .reason]'

echo "--- without its pack"
facesearch models remove mine
search of-mine
echo "exit $?"
search of-mini | jq -c '[.result[].user_name]'
facesearch search --collection of-mine --name door --template ada.json | jq -c '[.errorCode, .reason]'

echo "--- and with it again"
facesearch models install ./mine --from "$SOURCE/models/mini" | jq .already
search of-mine | jq -c '[.result[].user_name]'
