# The example of docs/cli/doctor.md.

facesearch init > /dev/null
facesearch doctor --json | jq -c '[.healthy, .store.collections, .packs[].name]'
facesearch doctor --json | jq -r .verdict
