# SPDX-License-Identifier: MIT
# 6038 with a reason: texts and limits that are out of range.
facesearch init >made.json
facesearch collection create staff >made.json
long=$(printf 'x%.0s' {1..1025})
facesearch search --collection staff --name "$long" --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
for limit in 0 -1 1.5 10001; do
  facesearch search --collection staff --name door --image "$PEOPLE/person01-1.jpg" --limit $limit; echo "exit $?"
done
