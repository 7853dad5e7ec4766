# The example of docs/cli/doctor.md.
# needs: models

facesearch init > /dev/null
facesearch doctor --json | jq -c '[.healthy, .store.collections, .packs[].name]'
