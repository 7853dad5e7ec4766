# SPDX-License-Identifier: MIT
# Two pictures: the same person is status 0, two people status 1. No store and no key are needed.
facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-2.jpg" >same.json; echo "exit $?"
facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg" >other.json; echo "exit $?"
facesearch verify - "$PEOPLE/person01-1.jpg" <"$PEOPLE/person01-1.jpg" | jq -c '[.match, .similarity_score]'
jq -c keys_unsorted same.json
jq -c '[.message, .match, .similarity_score > 95, .policy_similarity, .false_match_rate]' same.json
jq -c '[.message, .match, .similarity_score < 70]' other.json
facesearch verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg" --similarity 0 | jq -c '[.match, .policy_similarity]'
