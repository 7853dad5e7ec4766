# SPDX-License-Identifier: MIT
# A rotation that cannot include every collection changes nothing; no collection is made under a former master key.
facesearch init >made.json
facesearch collection create a >made.json
facesearch collection create b >made.json
key=$(echo "$XDG_CONFIG_HOME"/facesearch/master-keys/*-*[0-9a-f])
wrap=$XDG_DATA_HOME/facesearch/collections/b/gen-1/key
cp "$key" before
cp "$wrap" wrap
refused() { facesearch key rotate-master | jq -c '[.errorCode, .reason]'; cmp "$key" before; }
echo '{}' >"$wrap"; refused
rm "$wrap"; refused
facesearch face list --collection b --page 1 2>/dev/null | jq -c '[.errorCode, .reason]'
cp wrap "$wrap"; facesearch key rotate-master | jq -c .message
# The former key is put back: it opens nothing, so nothing is made under it.
cp "$key" after
cp before "$key"
facesearch collection create c | jq -c '[.errorCode, .reason]'
cp after "$key"
facesearch collection create c | jq -c .message
