# Every face of a picture becomes a person of its own, unless it is known; again, and nothing is added.

facesearch init > /dev/null
facesearch collection create album > /dev/null
four=$PICTURES/four-people.jpg
outcomes() { jq -c '[.already_enrolled, [.faces[] | [.outcome, .user_name, .reason]]]'; }
facesearch enroll --collection album --faces all --image "$four" | outcomes
facesearch enroll --collection album --faces all --image "$four" | outcomes
facesearch enroll --collection album --faces all --image "$PEOPLE/person01-3.jpg" | outcomes
facesearch enroll --collection album --faces all --join --image "$PEOPLE/person01-3.jpg" | outcomes
facesearch face list --collection album --page 1 | jq -c '[.result[].user_name]'

# A name is for the one face of a picture; with several it is left out, and said so.
facesearch enroll --collection album --faces all --name Bob --image "$PEOPLE/person09-2.jpg" | outcomes
facesearch collection create other > /dev/null
facesearch enroll --collection other --faces all --name Bob --image "$four" |
  jq -c '[[.faces[].user_name], .warnings[0].reason]'

# A whole folder, names by its folders.
mkdir -p photos/Cy && cp "$PEOPLE/person11-1.jpg" "$four" "$PICTURES/nobody.jpg" photos/Cy
facesearch enroll --collection other --faces all --join --name-from '{parent}' photos 2> /dev/null |
  jq -c 'if .type then [.faces, .failed] else [[(.faces // [])[] | [.outcome, .user_name]], .reason] end'

# What does not go together.
facesearch enroll --collection album --name Bob --join --image "$four"; echo "status $?"
facesearch enroll --collection album --faces all --person 01890000-0000-7000-8000-000000000000 --image "$four"
echo "status $?"
facesearch enroll --collection album --faces all --one-person-per-name photos; echo "status $?"
facesearch enroll --collection album --faces ALL --image "$four"; echo "status $?"

# The names of one batch: two pictures of one person under two names, again, and by one face a picture.
facesearch collection create names > /dev/null
mkdir twice && cp "$PEOPLE/person02-1.jpg" twice/Ann.jpg && cp "$PEOPLE/person02-1.jpg" twice/Bob.jpg
for faces in all all one; do
  facesearch enroll --collection names --faces $faces --name-from '{stem}' twice 2> /dev/null |
    jq -c 'select(.type) | [.succeeded, .already_enrolled, .differing]'
done
