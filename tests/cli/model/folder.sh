# SPDX-License-Identifier: MIT
# 7010: a folder of models that is none is told, not passed over for the built-in pack.
facesearch init >made.json
facesearch detect --models nowhere "$PEOPLE/person01-1.jpg"; echo "exit $?"
FACESEARCH_MODELS=made.json facesearch collection create staff | jq -c '[.errorCode, .reason]'
facesearch doctor --models nowhere --json | jq -c '[.healthy, .models]'
