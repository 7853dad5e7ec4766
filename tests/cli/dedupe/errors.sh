# SPDX-License-Identifier: MIT
# Refused: a collection that does not exist, a threshold out of range, a key without the scope; wrong use is reported on standard error.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
facesearch dedupe --collection nobody; echo "exit $?"
facesearch dedupe --collection former; echo "exit $?"
facesearch dedupe --collection '../staff'; echo "exit $?"
for threshold in -1 100.5 nan; do
  facesearch dedupe --collection staff --threshold=$threshold; echo "exit $?"
done
facesearch key create --label enroller --scope enroll | jq -r .key >enroller
facesearch --api-key-file enroller dedupe --collection staff; echo "exit $?"
facesearch key create --label elsewhere --scope search --collection other | jq -r .key >elsewhere
facesearch --api-key-file elsewhere dedupe --collection staff; echo "exit $?"
facesearch dedupe; echo "exit $?"
facesearch dedupe --collection staff --limit 0; echo "exit $?"
facesearch dedupe --collection staff --threads 0; echo "exit $?"
facesearch dedupe --collection staff --clusters --limit 5; echo "exit $?"
