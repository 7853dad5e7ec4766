# SPDX-License-Identifier: MIT
# 7006 for a template of another model, 7010 for an invalid template, 6015 and 6035 if liveness is checked; nothing is enrolled.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create door --enroll-liveness on --search-liveness on >made.json
facesearch template extract --image "$PEOPLE/person01-1.jpg" >ada.json
enroll() { facesearch enroll --collection "$1" --name Ada --template "$2"; echo "exit $?"; }
jq -c '.fingerprint |= (.[1:] + .[:1])' ada.json >other.json
enroll staff other.json 2>&1 | sed 's/mini [0-9a-f]*/mini <fingerprint>/g'
jq -c '.template |= .[:-4]' ada.json >short.json
enroll staff short.json
jq -c '.template = "AACAPw=="' ada.json >one.json
enroll staff one.json
jq -c '.template |= ("AADAfwAA" + .[8:])' ada.json >nan.json
enroll staff nan.json
jq -c 'del(.fingerprint)' ada.json >anonymous.json
enroll staff anonymous.json
enroll staff "$PEOPLE/person01-1.jpg"
enroll staff missing.json
facesearch template extract --quiet --image "$PICTURES/nobody.jpg" | facesearch search --collection staff --name q --template -; echo "exit $?"
enroll door ada.json
facesearch search --collection door --name q --template ada.json; echo "exit $?"
jq -c '. + {collectionId: "staff", userName: "Ada", faceImage: "Zm9v"}' ada.json | facesearch enroll; echo "exit $?"
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" --template ada.json; echo "exit $?"
facesearch enroll --request ada.json --template ada.json; echo "exit $?"
facesearch enroll --collection staff --name Ada --template ada.json --template ada.json; echo "exit $?"
facesearch face list --collection staff --page 1 | jq -c .totalCount
