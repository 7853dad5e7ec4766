# SPDX-License-Identifier: MIT
# Every face of a picture, largest first, in pixels of the upright picture. No store and no key are needed.
facesearch detect "$PEOPLE/person01-1.jpg" >answer.json; echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.message, .image, .faces_found]' answer.json
jq -c '.faces[0] | keys_unsorted, [.width > 200, .score > 0.9, (.landmarks | length), (.landmarks[0] | length)]' answer.json
facesearch detect "$PICTURES/four-people.jpg" | jq -c '[.faces_found, ([.faces[] | .width * .height] | . == (sort | reverse))]'
facesearch detect - <"$PICTURES/nobody.jpg"; echo "exit $?"
