# SPDX-License-Identifier: MIT
# 6018, 6019, 6020, 6022: deleting what never existed. 6020 is for collections that were deleted or never existed.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
id=0197a0b1-0000-7000-8000-0123456789ab
facesearch face delete --face $id; echo "exit $?"
facesearch face delete --collection staff; echo "exit $?"
facesearch face delete --collection former --face $id; echo "exit $?"
facesearch face delete --collection nobody --face $id; echo "exit $?"
facesearch face delete --collection staff --face $id; echo "exit $?"
facesearch face delete --collection staff --face Ann; echo "exit $?"
