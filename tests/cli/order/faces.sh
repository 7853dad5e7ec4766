# SPDX-License-Identifier: MIT
# The same for face list and face delete: the fields first, then the collection.
facesearch init >made.json
list() { facesearch face list --quiet --request - <<<"$1" | jq -c '[.errorCode, .reason]'; }
list '{"page":0,"term":"abc"}'
list '{"collectionId":"nobody","page":0}'
list '{"collectionId":"nobody","page":1,"term":"abc"}'
list '{"collectionId":"nobody","page":1}'
delete() { facesearch face delete --quiet --request - <<<"$1" | jq -c '[.errorCode, .reason]'; }
delete '{"faceId":""}'
delete '{"collectionId":"nobody","faceId":""}'
delete '{"collectionId":"nobody","faceId":"x"}'
