# SPDX-License-Identifier: MIT
# doctor reports where the master key is and who may read it, never the key.
facesearch init >made.json
key=$(jq -r .masterKeyFile made.json)
facesearch doctor | grep '^master key'
facesearch doctor --json | jq -c .master_key
facesearch doctor --master-key-file nowhere --json | jq -c .master_key
chmod 640 "$key"
facesearch doctor --json | jq -c '[.healthy, .master_key]'
facesearch doctor --store none --json | jq -c .master_key
facesearch doctor --json | grep "$(jq -r '.keys[0].key' "$key")" || echo "not shown"
