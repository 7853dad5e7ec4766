# SPDX-License-Identifier: MIT
# Wrong use, before any work: other endings, what is no regular file, the picture itself, many inputs, templates alone.
facesearch init >made.json
facesearch collection create staff >made.json
cp "$PEOPLE/person01-1.jpg" me.jpg
cp me.jpg before.jpg
wrong() { facesearch "$@" 2>&1 >out.txt | grep "^facesearch: "; echo "exit ${PIPESTATUS[0]}, $(wc -c <out.txt) bytes on stdout"; }
wrong detect me.jpg --annotate seen.gif
wrong detect me.jpg --annotate seen
wrong detect me.jpg --annotate .png
wrong detect me.jpg --annotate ''
wrong detect missing.jpg --annotate seen.webp
mkdir folder.png
ln -s me.jpg link.jpg
wrong detect me.jpg --annotate folder.png
wrong detect me.jpg --annotate link.jpg
ln -s nowhere dangling.png
mkfifo pipe.png
ln -s /dev/full full.png
ln me.jpg hard.jpg
wrong detect me.jpg --annotate dangling.png
wrong detect me.jpg --annotate pipe.png
wrong detect me.jpg --annotate full.png
wrong detect me.jpg --annotate /dev/full
wrong detect me.jpg --annotate hard.jpg
wrong detect me.jpg --annotate me.jpg
wrong detect me.jpg --annotate ./folder.png/../me.jpg
wrong detect link.jpg --annotate me.jpg
wrong detect - --annotate me.jpg <me.jpg
wrong verify before.jpg me.jpg --annotate me.jpg
wrong search --collection staff --name door --image me.jpg --annotate me.jpg
wrong search --collection staff me.jpg before.jpg --annotate seen.png
wrong search --merge a.json b.json --annotate seen.png
facesearch template extract --image me.jpg >me.json
wrong verify --template me.json --template me.json --annotate seen.png
wrong search --collection staff --name door --template me.json --annotate seen.png
cp me.json other.png
wrong verify me.jpg --template other.png --annotate other.png
wrong search --request other.png --annotate other.png
cmp me.json other.png
cmp me.jpg before.jpg && echo "the picture is as it was"
ls seen* 2>&1
# No picture, no copy.
echo text >text.jpg
facesearch detect text.jpg --annotate seen.png; echo "exit $?"
ls seen* 2>&1
