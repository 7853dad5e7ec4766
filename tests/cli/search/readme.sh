# The example of README.md.

facesearch init > /dev/null
facesearch collection create staff --similarity 80 > /dev/null
facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection staff --name "Grace" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch search --collection staff --name door-3 --image - < "$PEOPLE/person01-3.jpg" | grep -o '"user_name":"[^"]*"'
