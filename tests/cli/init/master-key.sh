# SPDX-License-Identifier: MIT
# The master key is in a file of its own, readable by its owner only. It is neither printed nor overwritten.
umask 0
facesearch init | jq -c keys_unsorted
stat -c '%A %n' "$XDG_CONFIG_HOME"/facesearch/master-keys "$XDG_CONFIG_HOME"/facesearch/master-keys/* |
  sed 's|/.*/master-keys|…/master-keys|'
jq -c '[keys_unsorted, .format, (.keys | length)]' "$XDG_CONFIG_HOME"/facesearch/master-keys/*
facesearch init --store here --master-key-file keys/here | jq -r .masterKeyFile
facesearch init --store there --master-key-file keys/here --quiet; echo "exit $?"
FACESEARCH_MASTER_KEY_FILE=keys/there facesearch init --store there --quiet | jq -r .masterKeyFile
stat -c '%A %n' keys keys/*
