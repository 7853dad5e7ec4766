# SPDX-License-Identifier: MIT
# And for the picture: bytes, then format, then pixels, then decoding. The collection comes before all of them.
facesearch init >made.json
facesearch collection create small --max-bytes 12 --max-side 100 >made.json
facesearch collection create narrow --max-side 100 >made.json
head -c 600 "$PEOPLE/person01-1.jpg" >cut.jpg
echo 'hello, world' >words.jpg
search() { facesearch search --quiet --collection "$1" --name door --image "$2" | jq -c '[.errorCode, .reason]'; }
search nobody words.jpg
search small words.jpg
search small cut.jpg
search narrow words.jpg
search narrow cut.jpg
