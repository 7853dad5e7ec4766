# SPDX-License-Identifier: MIT
# 7009: a file that may not be read is reported as such.
facesearch=$(command -v facesearch)
as_somebody=()
[ "$(id -u)" = 0 ] && as_somebody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cp "$(realpath "$facesearch")" program  # where somebody else can reach it
cp "$PEOPLE/person01-1.jpg" secret.jpg
chmod 000 secret.jpg
"${as_somebody[@]}" ./program detect secret.jpg; echo "exit $?"
mkdir locked
chmod 500 locked
"${as_somebody[@]}" ./program init --store locked/store 2>/dev/null | jq -c '[.errorCode, .message, .reason]'
echo "exit ${PIPESTATUS[0]}"
chmod 700 locked
