# SPDX-License-Identifier: MIT
# The example of docs/cli/restore.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch backup --to monday > /dev/null
facesearch collection delete staff > /dev/null
facesearch restore --from monday | jq -c '[.message, .collections[0].id, .collections[0].faces]'
facesearch restore --from monday --collection staff --as staff-on-monday | jq -c '[.collections[].id]'
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[].user_name]'
