# SPDX-License-Identifier: MIT
# What a watch refuses before it starts.
facesearch watch; echo "exit $?"
facesearch watch enroll --collection staff; echo "exit $?"
facesearch watch search --collection staff --request - in; echo "exit $?"
facesearch watch search --collection staff in; echo "exit $?"
facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir in
touch file
facesearch watch search in; echo "exit $?"
facesearch watch enroll in; echo "exit $?"
facesearch watch enroll --collection nobody in; echo "exit $?"
facesearch watch search --collection staff missing; echo "exit $?"
facesearch watch search --collection staff file; echo "exit $?"
facesearch watch search --collection staff --name-from 'Ada' in; echo "exit $?"
facesearch watch search --collection staff --metadata a=b in; echo "exit $?"
facesearch watch search --collection staff --state in/state in; echo "exit $?"
facesearch watch search --collection staff --state missing/state in; echo "exit $?"
echo "not a state" > file
facesearch watch search --collection staff --state file in; echo "exit $?"
cat file
facesearch key create --label door --scope search | jq -r .key > key
facesearch --api-key-file key watch enroll --collection staff in; echo "exit $?"
