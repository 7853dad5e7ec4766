# SPDX-License-Identifier: MIT
# A file that is no picture has the numbers of search (6036, 6037); a missing file is 7010.
echo 'hello, world' >words.jpg
facesearch detect words.jpg; echo "exit $?"
{ cat "$PEOPLE/person01-1.jpg"; head -c 21M /dev/zero; } >long.jpg
facesearch detect long.jpg; echo "exit $?"
facesearch detect nowhere.jpg; echo "exit $?"
facesearch detect $'no\xffwhere.jpg' 2>/dev/null; echo "exit $?"
facesearch detect .; echo "exit $?"
