# SPDX-License-Identifier: MIT
# 6040: an unknown, revoked or expired key opens nothing; the message says only which of these it is.
facesearch init >made.json
facesearch collection create staff >made.json
FACESEARCH_API_KEY=fsk_0000 facesearch collection list; echo "exit $?"

facesearch key create --scope search >revoked.json
jq -r .key revoked.json >revoked.key
facesearch key revoke "$(jq -r .id revoked.json)" >made.json
facesearch face list --collection staff --page 1 --api-key-file revoked.key; echo "exit $?"

facesearch key create --scope search --expires "$(date -u -d '+2 seconds' +%FT%TZ)" | jq -r .key >short.key
sleep 2.1
facesearch face list --collection staff --page 1 --api-key-file short.key; echo "exit $?"
