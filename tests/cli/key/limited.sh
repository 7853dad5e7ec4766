# SPDX-License-Identifier: MIT
# 6040: a key for some collections creates, lists and revokes no keys. Otherwise it could create one for all collections.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch key create --scope admin --collection staff | jq -r .key >staff.key
facesearch collection update staff --similarity 90 --api-key-file staff.key | jq -c .message
facesearch key create --scope admin --api-key-file staff.key; echo "exit $?"
facesearch key list --api-key-file staff.key; echo "exit $?"
facesearch key revoke 0197a0b1-0000-7000-8000-0123456789ab --api-key-file staff.key; echo "exit $?"
