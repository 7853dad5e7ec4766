# SPDX-License-Identifier: MIT
# 6036: too many bytes, too long a side, too many pixels: each before anything is decoded, with value and limit.
facesearch init >made.json
facesearch collection create staff >made.json
{ cat "$PEOPLE/person01-1.jpg"; head -c 21M /dev/zero; } >long.jpg
facesearch search --collection staff --name door --image long.jpg; echo "exit $?"
{
  printf '{"collectionId":"staff","requestName":"door","faceImage":"'
  base64 -w0 long.jpg
  printf '"}'
} | facesearch search; echo "exit $?"

# A PNG of 33 bytes that says it has 10,000,000,000 pixels.
printf '%b' '\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00\x27\x30\x9c\x9f' >bomb.png
facesearch search --collection staff --name door --image bomb.png; echo "exit $?"

facesearch collection create bytes --max-bytes 1000 >made.json
facesearch collection create side --max-side 399 >made.json
facesearch collection create pixels --max-pixels 159999 >made.json
for id in bytes side pixels; do
  facesearch search --collection $id --name door --image "$PEOPLE/person01-1.jpg" | sed 's/has [0-9,]* bytes/has … bytes/'
done
