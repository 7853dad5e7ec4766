# All faces of two pictures against each other, and of one against an enrolled person: the most alike decide.

facesearch verify --faces all "$PICTURES/four-people.jpg" "$PEOPLE/person01-3.jpg" > pair.json; echo "status $?"
jq -c '[.match, (.faces_a | length), (.faces_b | length), [.pairs[] | [.a, .b, .match]], .pairs_total]' pair.json
jq -c '.face_a == .faces_a[0].face' pair.json
facesearch verify --faces all "$PICTURES/four-people.jpg" "$PEOPLE/person09-2.jpg" | jq -c '[.match, .pairs[0].match]'

facesearch init > /dev/null
facesearch collection create staff > /dev/null
ada=$(facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
facesearch verify --faces all --collection staff --person "$ada" "$PICTURES/four-people.jpg" |
  jq -c '[.match, [.pairs[] | [.a, .match]], has("faces_b")]'
facesearch verify --faces all --face 2 "$PICTURES/four-people.jpg" "$PEOPLE/person01-3.jpg"; echo "status $?"
facesearch verify --faces every "$PICTURES/four-people.jpg" "$PEOPLE/person01-3.jpg"; echo "status $?"
