# SPDX-License-Identifier: MIT
# 7002: an existing collection is not created again. Case matters in an id.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create staff; echo "exit $?"
facesearch collection create Staff | jq -r .message
