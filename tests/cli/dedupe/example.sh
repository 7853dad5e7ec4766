# The example of docs/cli/dedupe.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection staff --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch enroll --collection staff --name "Ada L." --image "$PEOPLE/person01-2.jpg" > /dev/null
facesearch dedupe --collection staff | jq -c '[.pairs_compared, .pairs_total, (.result[] | [.faces[].user_name])]'
facesearch dedupe --collection staff --clusters | jq -c '[.clusters[].size]'
