# SPDX-License-Identifier: MIT
# A watch searches several collections as one, each answer as that of `search --collections`; its state belongs to these collections.
facesearch init > /dev/null
for name in 1 2; do
  facesearch collection create "team-$name" > /dev/null
  facesearch enroll --collection "team-$name" --name "person $name" --image "$PEOPLE/person0$name-1.jpg" > /dev/null
done
mkdir in
cp "$PEOPLE"/person01-2.jpg "$PEOPLE"/person02-2.jpg in
: > answers
facesearch watch search --collections team-1,team-2 --state state in > answers &
until [ "$(grep -c input answers)" = 2 ]; do sleep 0.05; done
kill "$!"
wait "$!"
jq -c 'select(.input) | [.input, (.result[] | [.user_name, .collection_id])]' answers | sort
facesearch search --collections team-1,team-2 in | jq -c 'select(.input) | [.input, (.result[] | [.user_name, .collection_id])]'
echo "others:"
facesearch watch search --collections team-1 --state state in | jq -c .reason
facesearch watch search --collections team-1,nobody in | jq -c .errorCode
facesearch --quiet watch search --collection team-1 --collections team-1,team-2 in | jq -c .reason
