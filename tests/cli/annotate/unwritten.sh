# SPDX-License-Identifier: MIT
# A copy that cannot be written is the answer, before any work where that is known. Nothing is left of it.
facesearch=$(command -v facesearch)
as_somebody=()
[ "$(id -u)" = 0 ] && as_somebody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cp "$(realpath "$facesearch")" program  # where somebody else can reach it
cp "$PEOPLE/person01-1.jpg" me.jpg
# Where no file can be made: the picture, which is missing, is not even read.
facesearch detect missing.jpg --annotate missing/seen.png; echo "exit $?"
facesearch detect missing.jpg --annotate me.jpg/seen.png; echo "exit $?"
mkdir locked
chmod 500 locked
"${as_somebody[@]}" ./program detect missing.jpg --annotate locked/seen.png; echo "exit $?"
facesearch detect missing.jpg --annotate "$(printf 'x%.0s' {1..250}).png" 2>/dev/null | jq -c '[.errorCode, .reason]'
# A disk that is full, by a limit on the size of files. The file that was there stays as it was.
echo before >seen.png
full() { (ulimit -f 4; facesearch "$@"; echo "exit $?") 2>/dev/null | cat; }
full detect me.jpg --annotate seen.png
full verify me.jpg me.jpg --annotate seen.png
# A refusal stays the answer, and says that it was not drawn.
full verify me.jpg "$PICTURES/four-people.jpg" --annotate seen.png
cat seen.png
ls -A . locked
# The key is checked first, and a wrong one makes no file.
facesearch init >made.json
facesearch collection create staff >made.json
key=$(printf 'fsk_%064d' 0)
FACESEARCH_API_KEY=$key facesearch search --collection staff --name door --image me.jpg --annotate missing/seen.png; echo "exit $?"
FACESEARCH_API_KEY=$key facesearch verify me.jpg --collection staff --person 1 --annotate missing/seen.png; echo "exit $?"
facesearch search --collection staff --name door --image me.jpg --annotate missing/seen.png; echo "exit $?"
