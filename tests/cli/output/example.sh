# The example of docs/cli/README.md: an answer for people.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection staff --name "Grace" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch face list --collection staff --output table
