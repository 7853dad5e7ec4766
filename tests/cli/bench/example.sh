# The example of docs/cli/bench.md.

facesearch bench --faces 2000 --probes 4 --json >bench.json
jq -c '[.faces, .dimension, .probes, (.search.scalar | keys), (.plain.faces_per_s > 0)]' bench.json
