# SPDX-License-Identifier: MIT
# Every face of a picture, largest first, in pixels of the upright picture. No store and no key are needed.
# needs: models
facesearch detect "$PEOPLE/person01-1.jpg" >answer.json; echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.message, .image, .faces_found]' answer.json
jq -c '.faces[0] | keys_unsorted, [.width > 200, .score > 0.9, (.landmarks | length), (.landmarks[0] | length)]' answer.json
facesearch detect "$SHARED/data/photographs/faceapi_bbt1.jpg" | jq -c '[.faces_found, ([.faces[] | .width * .height] | . == (sort | reverse))]'
facesearch detect - <"$SHARED/data/photographs/inspireface_crop_no_face.jpg"; echo "exit $?"
