# The example of docs/persons.md.

facesearch init > /dev/null
facesearch collection create staff --match-by person | jq -c .collection.policy.match_by
ada=$(facesearch enroll --collection staff --name "Ada" --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person01-2.jpg" > /dev/null
facesearch enroll --collection staff --name "Bob" --image "$PEOPLE/person02-1.jpg" > /dev/null
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" |
  jq -c '.result[] | [.user_name, has("person_score")]'
facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" |
  jq -c '.result[] | [.user_name, has("person_score")]'
# Bob's photograph, enrolled as Ada's by mistake.
facesearch enroll --collection staff --name "Ada" --person "$ada" --image "$PEOPLE/person02-2.jpg" | jq -c '[.warnings[].reason]'
facesearch collection check staff --people | jq -c '.unlike[] | [.user_name, .faces, .mixed, (.unlike_faces | length)]'
facesearch search --collection staff --name door --image "$PEOPLE/person01-3.jpg" | jq -c '[.result[].user_name]'
