# SPDX-License-Identifier: MIT
# A deleted collection differs from one that never existed; its id may be created again.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection delete staff
facesearch collection show staff; echo "exit $?"
facesearch collection delete staff; echo "exit $?"
facesearch collection update staff --similarity 90; echo "exit $?"
facesearch collection show nobody; echo "exit $?"
facesearch collection list
facesearch collection create staff | jq -r .message
facesearch collection show staff | jq -c '[.collection.id, .collection.faces]'
