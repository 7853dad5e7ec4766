# SPDX-License-Identifier: MIT
# 6035: with the liveness check on, a picture of a screen is refused with its score, and a picture without surroundings as uncertain.
facesearch init >made.json
facesearch collection create door --search-liveness on >made.json
facesearch search --collection door --name door --image "$PICTURES/screen.jpg" >answer.json
echo "exit $?"
jq -c '[.errorCode, .message, .reason]' answer.json
facesearch search --collection door --name door --image "$PEOPLE/person01-1.jpg"; echo "exit $?"
facesearch search --collection door --name door --image "$PICTURES/garden.jpg" |
  jq -c '.option | [.option_liveness, .liveNess_threshold, .liveNessScore >= 50, .policy_similarity]'
facesearch collection update door --search-liveness-threshold 100 >made.json
facesearch search --collection door --name door --image "$PICTURES/garden.jpg" | jq -c '[.errorCode, .reason]'
