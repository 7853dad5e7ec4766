# SPDX-License-Identifier: MIT
# The example of docs/cli/backup.md.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch backup --to staff-2027-01-31 | jq -c '[.message, .collections[0].id, .collections[0].faces]'
stat -c %a staff-2027-01-31
facesearch restore --from staff-2027-01-31 --list | jq -c '[.collections[].id]'
