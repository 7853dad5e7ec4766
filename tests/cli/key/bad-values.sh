# SPDX-License-Identifier: MIT
# 7010: a key needs a scope, an expiry in the future, and valid collection ids.
facesearch init >made.json
facesearch key create --label door; echo "exit $?"
facesearch key create --label door --scope search --expires tomorrow; echo "exit $?"
facesearch key create --label door --scope search --expires 2020-01-01 |
  jq -c '[.errorCode, .reason, (.detail | sub("it is .*"; "it is …"))]'
facesearch key create --label door --scope search --collection '../staff'; echo "exit $?"
facesearch key create --label $'do\aor' --scope search; echo "exit $?"
facesearch key revoke 0197a0b1-0000-7000-8000-0123456789ab; echo "exit $?"
facesearch key revoke everything; echo "exit $?"
