# SPDX-License-Identifier: MIT
# 7007: if a file may not grow (a full disk, a quota), nothing half-made is left.
facesearch init >made.json
facesearch collection create staff >made.json
(
  ulimit -f 1
  facesearch collection create other | jq -c '[.errorCode, .message, .reason]'
  echo "exit ${PIPESTATUS[0]}"
) 2>/dev/null
facesearch collection list | jq -c '[.result[].id]'
ls -A "$XDG_DATA_HOME/facesearch"
facesearch collection create other | jq -r .message
