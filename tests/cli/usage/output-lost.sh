# SPDX-License-Identifier: MIT
# 7007: an answer that cannot be written is not a success.
facesearch init >made.json
facesearch collection list >/dev/full; echo "exit $?"
