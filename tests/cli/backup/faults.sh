# SPDX-License-Identifier: MIT
# A backup never replaces a file and never lies inside the store. A refused backup names the reason and leaves nothing.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create open --no-encryption >made.json
echo text >letter
facesearch backup --to letter; echo "exit $?"
cat letter
facesearch backup --to "$XDG_DATA_HOME/facesearch/locks/backup"; echo "exit $?"
facesearch backup --to missing/backup; echo "exit $?"
facesearch backup --to backup --collection nobody; echo "exit $?"
facesearch backup; echo "exit $?"
facesearch backup --to ''; echo "exit $?"
# A key for some collections, or for another verb, makes none: all API keys' digests are in it.
facesearch key create --scope admin --collection staff | jq -r .key >limited
facesearch backup --to backup --collection staff --api-key-file limited; echo "exit $?"
facesearch key create --scope search | jq -r .key >search
facesearch backup --to backup --api-key-file search; echo "exit $?"
FACESEARCH_API_KEY='' facesearch backup --to backup; echo "exit $?"
# A damaged one is named; the others can be backed up.
printf 'x' | dd of="$XDG_DATA_HOME/facesearch/collections/open/CURRENT" conv=notrunc status=none
facesearch backup --to backup | jq -c '[.errorCode, .reason]'
ls
facesearch backup --to backup --collection staff | jq -c '[.message, .collections[].id]'
