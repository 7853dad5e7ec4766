# SPDX-License-Identifier: MIT
# The order of verify's refusals: the collection, then the picture, then the face or person.
facesearch init >made.json
facesearch collection create staff >made.json
id=0197a0b1-0000-7000-8000-0123456789ab
picture=$PEOPLE/person01-1.jpg
facesearch verify "$picture" --face $id; echo "exit $?"
facesearch verify "$picture" --collection staff; echo "exit $?"
facesearch verify "$picture" --collection staff --face $id --person $id; echo "exit $?"
facesearch verify --collection staff --face $id; echo "exit $?"
facesearch verify "$picture" --collection nobody --face $id; echo "exit $?"
facesearch verify "$picture" --collection staff --face $id; echo "exit $?"
facesearch verify "$picture" --collection staff --person $id; echo "exit $?"
echo 'hello, world' >words.jpg
facesearch verify words.jpg "$picture"; echo "exit $?"
