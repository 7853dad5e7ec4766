# SPDX-License-Identifier: MIT
# A key is shown once, when it is created; the list never shows it. Revoking is final.
facesearch init >made.json
facesearch key create --label door --scope search,enroll --collection staff --expires 2099-01-31
facesearch key list
id=$(facesearch key list | jq -r '.result[1].id')
facesearch key revoke "$id"
facesearch key list | jq -c '.result[1] | [.label, .revoked]'
facesearch key revoke "$id" | jq -r .message
grep -rq fsk_ "$XDG_DATA_HOME" || echo 'no key is in the store, only digests'
