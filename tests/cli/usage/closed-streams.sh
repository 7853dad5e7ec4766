# SPDX-License-Identifier: MIT
# A standard stream that was closed is no file of the store: nothing is read from it, and what cannot be written there is a failure.
facesearch init >made.json
facesearch key create --scope admin >&-
echo "exit $?"
grep -rlE "fsk_[0-9a-f]" "$XDG_DATA_HOME/facesearch" || echo "no key in the store"
facesearch search <&-
echo "exit $?"
facesearch collection list 2>&-
echo "exit $?"
