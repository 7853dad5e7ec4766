# SPDX-License-Identifier: MIT
# 7011: there is no store yet, and the message says how to make one.
facesearch collection list; echo "exit $?"
facesearch search --store elsewhere --collection staff; echo "exit $?"
FACESEARCH_STORE=third facesearch enroll --collection staff; echo "exit $?"
ls
