# SPDX-License-Identifier: MIT
# A picture with several faces is refused until one of them is chosen; the answer says how many there were.
four="$PICTURES/four-people.jpg"
facesearch verify "$PEOPLE/person01-1.jpg" "$four" | jq -c '[.errorCode, .reason, .detail]'
facesearch verify "$PEOPLE/person01-1.jpg" "$four" --face largest | jq -c '[.message, .faces_found_a, .faces_found_b]'
boxes() { facesearch detect "$four" | jq -c "[.faces[$1] | .x, .y]"; }
for number in 1 2 3 4; do
  facesearch verify "$four" "$four" --face "$number" | jq -c --argjson box "$(boxes $((number - 1)))" '[.match, ([.face_a.x, .face_a.y] == $box)]'
done
facesearch verify "$PEOPLE/person01-1.jpg" "$four" --face 5 --quiet | jq -c '[.errorCode, .reason, .detail]'
facesearch verify "$PEOPLE/person01-1.jpg" "$four" --face zero; echo "exit $?"
