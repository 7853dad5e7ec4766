# The example of docs/cli/init.md.

facesearch init --store "$PWD/faces" | jq -r .message
facesearch collection list --store "$PWD/faces"
