# SPDX-License-Identifier: MIT
# 6040: a key for some collections opens no other, whether that exists or not.
facesearch init >made.json
for id in staff visitors; do facesearch collection create $id >made.json; done
facesearch key create --scope admin --collection staff | jq -r .key >staff.key
export FACESEARCH_API_KEY=$(cat staff.key)
facesearch face list --collection staff --page 1
facesearch face list --collection visitors --page 1; echo "exit $?"
facesearch face list --collection nobody --page 1; echo "exit $?"
facesearch collection show visitors; echo "exit $?"
facesearch collection update visitors --similarity 1; echo "exit $?"
facesearch collection delete visitors; echo "exit $?"
facesearch collection create other; echo "exit $?"
