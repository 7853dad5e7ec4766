# SPDX-License-Identifier: MIT
# The first run needs no key handling: init makes a store and one key, in a file that only its owner can read.
facesearch init
stat -c '%A %n' "$XDG_CONFIG_HOME"/facesearch/keys/* | sed 's|/.*/|…/|'
facesearch collection list
