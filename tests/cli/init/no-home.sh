# SPDX-License-Identifier: MIT
# Without a place for its key no store is made, and init can be run again.
env -u HOME -u XDG_CONFIG_HOME facesearch init --store here; echo "exit $?"
facesearch init --store here | jq -r .message
