# SPDX-License-Identifier: MIT
# 6040: a key for some collections makes, lists and revokes no keys, or it could make itself one for all of them.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch key create --scope admin --collection staff | jq -r .key >staff.key
facesearch collection update staff --similarity 90 --api-key-file staff.key | jq -c .message
facesearch key create --scope admin --api-key-file staff.key; echo "exit $?"
facesearch key list --api-key-file staff.key; echo "exit $?"
facesearch key revoke 0197a0b1-0000-7000-8000-0123456789ab --api-key-file staff.key; echo "exit $?"
