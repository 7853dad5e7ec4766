# SPDX-License-Identifier: MIT
# The key comes from --api-key-file, then FACESEARCH_API_KEY, then the file that init wrote.
facesearch init >made.json
facesearch key create --scope admin | jq -r .key >good.key
echo fsk_wrong >wrong.key
facesearch collection list
FACESEARCH_API_KEY=fsk_wrong facesearch collection list; echo "exit $?"
FACESEARCH_API_KEY=fsk_wrong facesearch collection list --api-key-file good.key
FACESEARCH_API_KEY=$(cat good.key) facesearch collection list --api-key-file wrong.key; echo "exit $?"
facesearch collection list --api-key-file nowhere.key; echo "exit $?"
