# SPDX-License-Identifier: MIT
# The example of an installation from an archive in docs/cli/models.md.
mkdir mine
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
tar -czf networks.tar.gz -C "$SOURCE/models" mini
facesearch models install ./mine --from networks.tar.gz | jq -c '.files[] | [.file, .member]'
facesearch models list | jq -c '.result[] | select(.name == "mine") | .state'
