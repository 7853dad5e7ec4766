# SPDX-License-Identifier: MIT
# A repair is refused without a new id, and if nothing can be saved; nothing is made.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create other >made.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made.json
facesearch collection repair staff --to other; echo "exit $?"
facesearch collection repair staff --to staff; echo "exit $?"
facesearch collection repair staff --to ../saved; echo "exit $?"
facesearch collection repair nobody --to saved; echo "exit $?"
facesearch collection repair staff; echo "exit $?"
search=$(facesearch key create --label door --scope search | jq -r .key)
FACESEARCH_API_KEY=$search facesearch collection repair staff --to saved; echo "exit $?"
mv "$XDG_DATA_HOME/facesearch/collections/staff/gen-1/key" aside
facesearch collection repair staff --to saved; echo "exit $?"
mv aside "$XDG_DATA_HOME/facesearch/collections/staff/gen-1/key"
find "$XDG_CONFIG_HOME" -path '*master-keys/*' -maxdepth 3 -type f -exec mv {} aside \;
facesearch collection repair staff --to saved; echo "exit $?"
facesearch collection create plain --no-encryption >made.json
: >"$XDG_DATA_HOME/facesearch/collections/plain/gen-1/data.mdb"
facesearch collection repair plain --to saved; echo "exit $?"
facesearch collection list | jq -c '[.result[].id]'
