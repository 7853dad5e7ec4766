# SPDX-License-Identifier: MIT
# Without a configuration folder, collections without encryption work; the others say what they need.
facesearch init >made.json
facesearch collection create plain --no-encryption >made.json
facesearch collection create staff >made.json
FACESEARCH_API_KEY=$(cat "$XDG_CONFIG_HOME"/facesearch/keys/*)
FACESEARCH_STORE=$XDG_DATA_HOME/facesearch
export FACESEARCH_API_KEY FACESEARCH_STORE
unset HOME XDG_CONFIG_HOME XDG_DATA_HOME
facesearch face list --collection plain --page 1
facesearch face list --collection staff --page 1 | jq -c '[.errorCode, .reason]'
