# The example of docs/cli/collection.md.

facesearch init > /dev/null
facesearch collection create staff --similarity 85 --duplicates warn | jq -c .collection.policy.similarity
facesearch collection update staff --similarity 90 | jq -c .collection.policy.similarity
facesearch collection list | jq -c '[.result[].id]'
facesearch collection delete staff
facesearch collection show staff | jq -c '[.errorCode, .message]'
