# SPDX-License-Identifier: MIT
# The collection's similarity decides, and can be changed: at 0 everybody matches, at 100 only the very same picture.
facesearch init >made.json
facesearch collection create staff --similarity 0 >made.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >made.json
facesearch enroll --collection staff --name Bob --image "$PEOPLE/person02-1.jpg" >made.json
# The false candidates to expect are shown per 100,000 searches: jq 1.6 writes 0.00002 as 2e-05, jq 1.7 does not.
ask() { facesearch search --collection staff --name door --image "$PEOPLE/person01-2.jpg" | jq -c '[.option.policy_similarity, [.result[].user_name], (.expected_false_candidates * 100000 | round)]'; }
ask
for similarity in 80 90; do
  facesearch collection update staff --similarity $similarity >made.json
  ask
done
facesearch collection update staff --similarity 99.9 >made.json
facesearch search --collection staff --name door --image "$PEOPLE/person01-2.jpg" | jq -c '[.option.policy_similarity, [.result[].user_name]]'
