# SPDX-License-Identifier: MIT
# What cannot be restored is refused with the reason, and nothing has changed.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made.json
facesearch backup --to backup >made.json
facesearch restore --from backup; echo "exit $?"
facesearch restore --from backup --collection guests; echo "exit $?"
facesearch restore --from nothing; echo "exit $?"
facesearch restore --from made.json; echo "exit $?"
facesearch restore --from backup --as again; echo "exit $?"
facesearch restore --from backup --list --collection staff >usage; echo "exit $?"
facesearch restore --from backup --collection staff --as ../again; echo "exit $?"
head -c -1 backup >cut
facesearch restore --from cut --collection staff --as again; echo "exit $?"
facesearch restore --from cut --list; echo "exit $?"
# Another store, or another's key.
facesearch init --store other >made.json
facesearch restore --store other --from backup; echo "exit $?"
facesearch restore --store new --from backup --master-key-file none; echo "exit $?"
cp "$(jq -r .masterKeyFile made.json)" other.key
facesearch restore --store new --from backup --master-key-file other.key; echo "exit $?"
ls
facesearch key create --scope search | jq -r .key >search
facesearch restore --from backup --collection staff --as again --api-key-file search; echo "exit $?"
facesearch collection list | jq -c '[.result[].id]'
