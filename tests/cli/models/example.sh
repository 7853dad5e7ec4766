# SPDX-License-Identifier: MIT
# What packs there are, what may be done with their files, and whether they are whole.
facesearch models list | jq -c '.result[] | [.name, .origin, .state]'
facesearch models show mini | jq -r '.pack.files[] | "\(.role): \(.licence)"'
facesearch models verify mini | jq .valid
