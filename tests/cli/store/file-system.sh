# SPDX-License-Identifier: MIT
# A file in place of a folder is a file system error (7007); a folder in place of a file of the store is damage (7004).
touch file
facesearch init --store file; echo "exit $?"
facesearch init --store file/store; echo "exit $?"
facesearch init >made.json
facesearch collection create staff >made.json
rm "$XDG_DATA_HOME/facesearch/locks/store.lock"
mkdir "$XDG_DATA_HOME/facesearch/locks/store.lock"
facesearch collection create other | sed 's/[0-9a-f]\{64\}/…/'; echo "exit ${PIPESTATUS[0]}"
