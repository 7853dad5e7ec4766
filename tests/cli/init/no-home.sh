# SPDX-License-Identifier: MIT
# A store without a place for its key would be of no use: there is none then, and init can be run again.
env -u HOME -u XDG_CONFIG_HOME facesearch init --store here; echo "exit $?"
facesearch init --store here | jq -r .message
