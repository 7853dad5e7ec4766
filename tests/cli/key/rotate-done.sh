# SPDX-License-Identifier: MIT
# A new master key wraps every collection's key again: the content stays, the former key opens nothing. A
# passphrase can be added and removed; without it, or with another one, nothing opens.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made.json
key=$(echo "$XDG_CONFIG_HOME"/facesearch/master-keys/*-*[0-9a-f])
cp "$key" former
names() { facesearch face list --collection staff --page 1 "$@" | jq -c '[.reason, .result[]?.user_name]'; }
facesearch key rotate-master | jq -c .message
names
names --master-key-file former 2>/dev/null
echo "six words that nobody can guess" >passphrase
facesearch key rotate-master --new-passphrase-file passphrase | jq -c .message
names 2>/dev/null
echo "six other words" >wrong
names --passphrase-file wrong 2>/dev/null
names --passphrase-file passphrase
facesearch key rotate-master --passphrase-file passphrase --no-passphrase | jq -c .message
names
