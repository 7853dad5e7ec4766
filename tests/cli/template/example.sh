# SPDX-License-Identifier: MIT
# The documentation's example: a template made in one place is enrolled and searched in another.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
umask 077
facesearch template extract --image "$PEOPLE/person01-1.jpg" > ada.json
facesearch enroll --collection staff --name "Ada" --template ada.json | jq -r .message
facesearch template extract --image "$PEOPLE/person01-3.jpg" |
  facesearch search --collection staff --name door-3 --template - | jq -c '[.result[0].user_name, .matches_total]'
