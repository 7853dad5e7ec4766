# What cannot be done to persons is refused, with the value and what to do, and changes nothing.

facesearch init > /dev/null
facesearch collection create staff > /dev/null
ada=$(facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" | jq -r .metaFaceId)
bob=$(facesearch enroll --collection staff --name Bob --image "$PEOPLE/person02-1.jpg" | jq -r .metaFaceId)
face=$(facesearch face list --collection staff --page 1 | jq -r '.result[0].face_id')
nobody=01890000-0000-7000-8000-000000000000
on() { facesearch "$@" --collection staff; echo "status $?"; }
on person show Ada
on person show "$nobody"
on person show
on person rename "$ada"
on person rename "$ada" --name ""
on person rename "$ada" --name "$(printf 'x%.0s' $(seq 1025))"
on person merge "$ada"
on person merge "$ada" "$ada"
on person merge "$ada" "$nobody"
on person split
on person split --face "$face"
on person split --face "$nobody"
on face move --face "$face"
on face move --face "$face" --to "$nobody"
on face set --face "$face"
on face set --face "$face" --metadata badge
on face set --face "$face" --metadata "=7"
on face set --face "$face" --metadata badge=7 --unset badge
on face set --face "$face" $(printf -- "--metadata k%s=v " $(seq 65))
on person list --prefix
on person list --ignore-case
on person delete "$nobody"
facesearch person frobnicate; echo "status $?"
facesearch person list --collection staff | jq -c '[.result[] | [.user_name, .faces]]'

# A key is held to its scope: reading is search's, changing enrol's, deleting delete's, templates an admin's.
facesearch key create --scope search | jq -r .key > search.key
with_key() { FACESEARCH_API_KEY=$(cat search.key) facesearch "$@" --collection staff | jq -c '[.message, .reason]'; }
with_key person list
with_key person export "$bob"
with_key person export "$bob" --templates
with_key person rename "$bob" --name Eve
with_key person delete "$bob"
