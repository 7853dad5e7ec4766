# SPDX-License-Identifier: MIT
# In a pipe or a file the answer is one line, whatever the environment says; --output json is that everywhere.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch face list --collection staff >file.json
facesearch face list --collection staff | cmp - file.json && echo "a pipe: the same"
facesearch face list --collection staff --output json | cmp - file.json && echo "--output json in a pipe: the same"
TERM=xterm CLICOLOR_FORCE=1 facesearch face list --collection staff | cmp - file.json && echo "TERM=xterm: the same"
TERM=xterm "$SOURCE/tests/cli/terminal" 80 facesearch face list --collection staff --output json | cmp - file.json &&
  echo "--output json on a terminal: the same"
cat file.json
# Errors too.
facesearch face list --collection nobody 2>words.txt >file.json
TERM=xterm "$SOURCE/tests/cli/terminal" 80 facesearch --output json face list --collection nobody 2>words.txt | cmp - file.json &&
  echo "an error: the same"
# Commands that write for people write JSON then.
facesearch doctor --output json | jq -c '.message'
facesearch doctor --json | cmp - <(facesearch doctor --output json) && echo "doctor: --json and --output json are the same"
