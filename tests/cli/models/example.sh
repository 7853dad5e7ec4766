# SPDX-License-Identifier: MIT
# Which packs there are, the licences of their files, and whether they are whole.
facesearch models list | jq -c '.result[] | [.name, .origin, .state]'
facesearch models show mini | jq -r '.pack.files[] | "\(.role): \(.licence)"'
facesearch models verify mini | jq .valid
