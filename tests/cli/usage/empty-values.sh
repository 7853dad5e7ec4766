# SPDX-License-Identifier: MIT
# An empty value is an unset shell variable: it never stands for the default, least of all for more rights.
facesearch init >made.json
facesearch collection create staff >made.json
FACESEARCH_API_KEY='' facesearch collection list; echo "exit $?"
facesearch collection list --api-key-file ''; echo "exit $?"
facesearch collection list --store ''; echo "exit $?"
facesearch key create --scope search --expires ''; echo "exit $?"
facesearch enroll --collection staff --name Ada --person '' --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch enroll --collection staff --name-from '' "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch watch enroll --collection staff --name-from '' "$PEOPLE"; echo "exit $?"
facesearch enroll --collection staff --name $'x\xffy' --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch key create --scope search --label $'\xff'; echo "exit $?"
