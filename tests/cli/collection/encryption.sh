# SPDX-License-Identifier: MIT
# Encrypted by default; checked, compacted, rekeyed. A lost or foreign master key opens nothing, and does
# not prevent a deletion.
facesearch init >made.json
facesearch collection create staff | jq -c .collection.encrypted
facesearch collection create open --no-encryption | jq -c .collection.encrypted
for id in staff open; do
  for i in 1 2 3; do
    facesearch enroll --collection $id --name "person0$i" --image "$PEOPLE/person0$i-1.jpg" | jq -r .faceId >face-$i
  done
  facesearch face delete --collection $id --face "$(cat face-1)"
  facesearch collection check $id | jq -c 'del(.bytes, .pieces)'
  facesearch collection compact $id | jq -c '[.message, .collectionId, .faces]'
  facesearch face delete --collection $id --face "$(cat face-2)" --purge
  facesearch collection rekey $id | jq -c '[.message, .collectionId, .faces, .reason]'
  facesearch face list --collection $id --page 1 | jq -c '[.result[].user_name]'
  facesearch face delete --collection $id --face "$(cat face-2)" --purge | jq -c '[.errorCode, .message]'
done
# Names are in clear where that was asked for, and nowhere else.
for id in staff open; do
  grep -q person03 "$XDG_DATA_HOME"/facesearch/collections/$id/gen-*/data.mdb && echo "$id can be read"
done
mv "$XDG_CONFIG_HOME/facesearch/master-keys" aside
facesearch face list --collection staff --page 1 | jq -c '[.errorCode, .message, .reason]'
facesearch face list --collection open --page 1 | jq -c .totalCount
facesearch collection delete staff
facesearch collection show staff | jq -c .errorCode
