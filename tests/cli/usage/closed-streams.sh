# SPDX-License-Identifier: MIT
# A closed standard stream never becomes a file of the store: nothing is read from it, and a failed write to it is an error.
facesearch init >made.json
facesearch key create --scope admin >&-
echo "exit $?"
grep -rlE "fsk_[0-9a-f]" "$XDG_DATA_HOME/facesearch" || echo "no key in the store"
facesearch search <&-
echo "exit $?"
facesearch collection list 2>&-
echo "exit $?"
