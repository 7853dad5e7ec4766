# SPDX-License-Identifier: MIT
# A table has no column for templates: --templates is refused with it, before any work.
facesearch person export 00000000-0000-4000-8000-000000000000 --collection album --templates --output table; echo "exit $?"
facesearch init >made.json
facesearch collection create album >made.json
person=$(facesearch enroll --collection album --name Ada --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch person export "$person" --collection album --templates --output json | jq -c '[.faces[] | has("template")]'
facesearch person export "$person" --collection album --output table | grep -c Ada
