# SPDX-License-Identifier: MIT
# 6013, 6014, 6016, 6017: the numbers of search are not those of enroll.
facesearch init >made.json
facesearch collection create former >made.json
facesearch collection delete former >made.json
facesearch collection create staff --max-side 399 >made.json
facesearch enroll --collection nobody --name Ann --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch enroll --collection former --name Ann --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
echo 'hello, world' >words.jpg
facesearch enroll --collection staff --name Ann --image words.jpg; echo "exit $?"
facesearch enroll --collection staff --name Ann --image nowhere.jpg; echo "exit $?"
facesearch enroll --collection staff --name Ann --image .; echo "exit $?"
