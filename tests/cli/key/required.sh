# SPDX-License-Identifier: MIT
# 6039: every request needs a key, and this is checked first.
facesearch init >made.json
facesearch collection create staff >made.json
rm -r "$XDG_CONFIG_HOME"
facesearch search --request - <<<'{'; echo "exit $?"
facesearch enroll --request - <<<'{'; echo "exit $?"
facesearch face list --collection staff; echo "exit $?"
facesearch face delete --collection staff; echo "exit $?"
facesearch verify --collection staff; echo "exit $?"
facesearch collection list; echo "exit $?"
facesearch collection create 'no id'; echo "exit $?"
facesearch key list; echo "exit $?"
: >empty.key
facesearch collection list --api-key-file empty.key; echo "exit $?"
