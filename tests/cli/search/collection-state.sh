# SPDX-License-Identifier: MIT
# 6033, 6034: a collection that never existed differs from a deleted one.
facesearch init >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
facesearch search --collection nobody --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collection former --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collection '../staff' --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
