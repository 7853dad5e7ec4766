# SPDX-License-Identifier: MIT
# doctor only reports: it needs no store, no key and no model.
facesearch doctor --json >answer.json; echo "exit $?"
jq -c keys_unsorted answer.json
jq -c '[.healthy, .runtimes.fault, .store.fault, (.packs | length) > 0]' answer.json
ls "$HOME"
