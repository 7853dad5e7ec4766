# SPDX-License-Identifier: MIT
# 7010: a wrong --models folder is an error; the built-in pack is not used in its place.
facesearch init >made.json
facesearch detect --models nowhere "$PEOPLE/person01-1.jpg"; echo "exit $?"
FACESEARCH_MODELS=made.json facesearch collection create staff | jq -c '[.errorCode, .reason]'
facesearch doctor --models nowhere --json | jq -c '[.healthy, .models]'
