# SPDX-License-Identifier: MIT
# A key in the wrong place is not shown in full, and an unquoted name not at all.
facesearch init >made.json
key=$(facesearch key create --scope search | jq -r .key)
facesearch collection show "$key"
facesearch collection list --api-key-file "$key"
facesearch collection list "--api-key=$key"
facesearch collection list "$key"
facesearch "$key"
facesearch enroll --collection staff --name Ada Lovelace --image ada.jpg
