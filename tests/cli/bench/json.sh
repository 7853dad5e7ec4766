# SPDX-License-Identifier: MIT
# bench answers one document, makes its store in a folder of its own and leaves nothing behind.
mkdir place
facesearch bench --faces 2000 --probes 4 --in place --image "$PEOPLE/person01-1.jpg" --json >bench.json; echo "exit $?"
jq -c '[keys_unsorted, (.plain | keys), (.picture | keys), (.search.scalar.memory | keys)]' bench.json
jq -c '[.. | numbers | select(. <= 0)]' bench.json
ls place "$HOME"
facesearch bench --faces 0 2>/dev/null; echo "exit $?"
facesearch bench --faces 10 --in nowhere 2>/dev/null | jq -r .reason
