# Every face of a picture: the example of docs/cli/enroll.md.

facesearch init > /dev/null
facesearch collection create album > /dev/null
facesearch enroll --collection album --name "Ada" --image "$PEOPLE/person01-1.jpg" > /dev/null
facesearch enroll --collection album --faces all --join --image "$PICTURES/four-people.jpg" |
  jq -c '.faces[] | [.outcome, .user_name]'
