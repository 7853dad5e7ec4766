# SPDX-License-Identifier: MIT
# A passphrase, from a file or the environment, wraps the master key; an empty one is refused.
key() { jq -c '[.scrypt | .log2_n, .r, .p], (.keys[0] | keys_unsorted)' "$1"; }
printf 'correct horse\n' >passphrase
facesearch init --quiet --store a --master-key-file a.key --passphrase-file passphrase | jq -r .message
key a.key
FACESEARCH_PASSPHRASE_FILE=passphrase facesearch init --quiet --store b --master-key-file b.key | jq -r .message
key b.key
FACESEARCH_PASSPHRASE='correct horse' facesearch init --quiet --store c --master-key-file c.key | jq -r .message
key c.key
printf '\n' >empty
facesearch init --store d --master-key-file d.key --passphrase-file empty; echo "exit $?"
FACESEARCH_PASSPHRASE='' facesearch init --store d --master-key-file d.key; echo "exit $?"
head -c 5000 /dev/zero >long
facesearch init --store d --master-key-file d.key --passphrase-file long; echo "exit $?"
facesearch init --store d --master-key-file d.key --passphrase-file 'correct horse'; echo "exit $?"
facesearch init --store d --passphrase-file ''; echo "exit $?"
ls "$XDG_CONFIG_HOME/facesearch/keys" | wc -l # of a, b and c
ls # no d, no d.key: nothing was made
