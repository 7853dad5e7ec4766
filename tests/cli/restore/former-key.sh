# SPDX-License-Identifier: MIT
# A backup from before a rotation of the master key opens with a copy of the former file; a passphrase on standard input is
# read once.
printf 'correct horse\n' >passphrase
facesearch init --passphrase-file passphrase >made.json
export FACESEARCH_PASSPHRASE_FILE=passphrase
facesearch collection create staff >created.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made-ada.json
facesearch backup --to backup >backed-up.json
cp "$(jq -r .masterKeyFile made.json)" former.key
facesearch key rotate-master --quiet >rotated.json
facesearch collection delete staff >deleted.json
facesearch restore --from backup 2>words | jq -c '[.errorCode, .reason]'
grep -c -- '--backup-key-file' words
facesearch restore --from backup --list --backup-key-file former.key | jq -c '[.collections[].faces]'
facesearch restore --from backup --backup-key-file former.key --passphrase-file - <passphrase | jq -c '[.collections[].id]'
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[].user_name]'
rm -r "$XDG_DATA_HOME/facesearch"
facesearch restore --quiet --from backup --backup-key-file former.key --passphrase-file - <passphrase | jq -c '[.collections[].id]'
facesearch collection check staff | jq -c '[.message, .faces]'
