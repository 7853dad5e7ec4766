# SPDX-License-Identifier: MIT
# Of several faults the first in the fixed order counts: key, scope, JSON, fields, collection of the key, existence, deletion.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
facesearch key create --scope search --collection staff | jq -r .key >search.key
facesearch key create --scope enroll | jq -r .key >enroll.key
: >no.key
echo fsk_unknown >unknown.key
try() { facesearch search --quiet --api-key-file "$1" --request - <<<"$2" | jq -c '[.errorCode, .reason]'; }
nobody='{"collectionId":"nobody","requestName":"r","faceImage":"Zm9v"}'
try no.key '{'
try unknown.key '{'
try enroll.key '{'
try search.key '{'
try search.key '{"requestName":""}'
try search.key '{"collectionId":"nobody","faceImage":"*"}'
try search.key '{"collectionId":"nobody","requestName":"r","faceImage":"*"}'
try search.key "$nobody"
export FACESEARCH_API_KEY=$(cat "$XDG_CONFIG_HOME"/facesearch/keys/*)
search() { facesearch search --quiet --request - <<<"$1" | jq -c '[.errorCode, .reason]'; }
search "$nobody"
search '{"collectionId":"former","requestName":"r","faceImage":"Zm9v"}'
search '{"collectionId":"nobody","requestName":"r","faceImage":"Zm9v","limit":0}'
