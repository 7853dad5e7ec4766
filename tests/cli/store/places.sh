# SPDX-License-Identifier: MIT
# The store is named by --store, then FACESEARCH_STORE, then the XDG data folder.
for id in a b; do
  facesearch init --store $id >made.json
  facesearch collection create $id --store $id >made.json
done
show() { jq -c '[.result[].id]'; }
FACESEARCH_STORE=a facesearch collection list | show
FACESEARCH_STORE=a facesearch collection list --store b | show
facesearch --store b collection list | show
stat -c '%A %n' a a/keys.json
