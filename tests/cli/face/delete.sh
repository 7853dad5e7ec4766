# SPDX-License-Identifier: MIT
# A deleted face is not found, and differs from one that never existed (6021), even after its collection is created again.
facesearch init >made.json
facesearch collection create staff >made.json
id=$(facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" | jq -r .faceId)
facesearch face delete --collection staff --face "$id"
facesearch search --collection staff --name door --image "$PEOPLE/person01-1.jpg" | jq -c .faceIdList
facesearch face list --collection staff --page 1
facesearch face delete --collection staff --face "$id"; echo "exit $?"
facesearch face delete --collection staff --face "${id^^}" | jq -c .errorCode
second=$(facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" | jq -r .faceId)
facesearch collection delete staff >made.json
facesearch collection create staff >made.json
facesearch face delete --collection staff --face "$id" | jq -c .errorCode
facesearch face delete --collection staff --face "$second" | jq -c .errorCode
