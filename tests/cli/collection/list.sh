# SPDX-License-Identifier: MIT
# Collections are listed by id, and a key for some of them sees only those.
facesearch init >made.json
for id in visitors staff door; do facesearch collection create "$id" >made.json; done
facesearch collection list | jq -c '[.result[].id, .totalCount]'
facesearch key create --label door --scope search --collection door,staff | jq -r .key >door.key
facesearch collection list --api-key-file door.key | jq -c '[.result[].id, .totalCount]'
