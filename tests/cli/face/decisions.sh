# SPDX-License-Identifier: MIT
# What was decided about a face holds: a person it is not is not answered for its picture; a deleted face does not come back.

facesearch init > /dev/null
facesearch collection create staff --similarity 0 > /dev/null
enroll() { facesearch enroll --collection staff --name "$1" --image "$PEOPLE/$2.jpg"; }
names() { facesearch search --collection staff --name door --image "$PEOPLE/$1.jpg" | jq -c '[.result[].user_name] | sort'; }
enroll Ada person01-1 > ada.json
enroll Ann person01-2 > ann.json
ada=$(jq -r .metaFaceId ada.json) ann=$(jq -r .faceId ann.json)
names person01-2
facesearch face reject --collection staff --face "$ann" --person "$ada"
names person01-2
names person01-3
facesearch dedupe --collection staff | jq -c '[.pairs_total, .pairs_rejected, .result]'
facesearch face decisions --collection staff

# Taken back, by JSON.
jq -n --arg f "$ann" --arg p "$ada" '{collectionId: "staff", faceId: $f, metaFaceId: $p, withdraw: true}' |
  facesearch face reject | jq -c .message
names person01-2
facesearch face reject --collection staff --face "$ann" --person "$ada" --withdraw

# A face of the person becomes a person of its own; its only face does not.
enroll2=$(facesearch enroll --collection staff --name Ada --person "$ada" --image "$PEOPLE/person01-4.jpg" | jq -r .faceId)
facesearch face reject --collection staff --face "$enroll2" --person "$ada"
facesearch face reject --collection staff --face "$(jq -r .faceId ada.json)" --person "$ada"

# Deleted and remembered: by the picture, or by the template, too.
facesearch face delete --collection staff --face "$ann" --remember-deleted
enroll Ann person01-2
facesearch collection update staff --similarity 80 > /dev/null
enroll Eve person02-1 > eve.json
facesearch person delete "$(jq -r .metaFaceId eve.json)" --collection staff --remember-template
enroll Eve person02-2
facesearch face decisions --collection staff | jq -c '.result[] | [.decision, .by]'
facesearch face readmit --collection staff --face "$(jq -r .faceId eve.json)"
enroll Eve person02-2 | jq -c .message
facesearch face readmit --collection staff --face "$(jq -r .faceId eve.json)"
facesearch face delete --collection staff --face "$(jq -r .faceId ada.json)" --purge --remember-deleted
facesearch face delete --collection staff --face "$(jq -r .faceId ada.json)" --purge --remember-template
echo "exit $?"
facesearch collection check staff | jq -c .message
