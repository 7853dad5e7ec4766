# The example of docs/cli/verify.md.

facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-4.jpg" | jq -c '[.message, .match]'
facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg" | jq -c '[.message, .match]'
