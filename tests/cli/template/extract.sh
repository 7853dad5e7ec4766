# SPDX-License-Identifier: MIT
# extract answers a template with everything that says where it may be used; it needs no store and no key.
facesearch template extract --image "$PEOPLE/person01-1.jpg" >made.json
jq -c '[.message, .pack, .dimension, .faces_found, .found_by, (.fingerprint | length), keys]' made.json
jq -r .template made.json | base64 -d | wc -c
facesearch template extract --image "$PICTURES/four-people.jpg"; echo "exit $?"
facesearch template extract --image - --faces largest <"$PICTURES/four-people.jpg" | jq -c '[.faces_found, .warnings[].reason]'
facesearch template extract --image "$PICTURES/nobody.jpg"; echo "exit $?"
facesearch template extract --quiet --image "$PICTURES/blurred.jpg" --quality strict | jq -c '[.errorCode, .reason]'
facesearch template extract --image "$PEOPLE/person01-1.jpg" --pack none | jq -c '[.errorCode, .reason]'
facesearch template extract --image missing.jpg; echo "exit $?"
facesearch template extract; echo "exit $?"
facesearch template; echo "exit $?"
