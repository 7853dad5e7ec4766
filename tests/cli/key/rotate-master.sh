# SPDX-License-Identifier: MIT
# Only an admin of every collection rotates the master key, and no passphrase is removed by mistake.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch key create --scope search | jq -r .key >search.key
facesearch key create --scope admin --collection staff | jq -r .key >staff.key
facesearch key rotate-master --api-key-file search.key; echo "exit $?"
facesearch key rotate-master --api-key-file staff.key; echo "exit $?"
printf '\n' >empty
facesearch key rotate-master --new-passphrase-file empty; echo "exit $?"
facesearch key rotate-master --new-passphrase-file nowhere; echo "exit $?"
facesearch key rotate-master --new-passphrase-file ''; echo "exit $?"
facesearch key rotate-master --new-passphrase-file empty --no-passphrase; echo "exit $?"
