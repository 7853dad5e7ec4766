# SPDX-License-Identifier: MIT
# 6037: the first bytes decide whether a file is a JPEG, PNG, WebP, HEIC or AVIF, not its name; an undecodable one is refused too.
facesearch init >made.json
facesearch collection create staff >made.json
echo 'hello, world' >words.jpg
printf 'GIF89a\x01\x00\x01\x00\x00\x00\x00;' >small.gif
printf 'BM\x1e\x00\x00\x00' >small.bmp
printf '\xff\xd8\xff\xe0' >stub.jpg
head -c 600 "$PEOPLE/person01-1.jpg" >cut.jpg
for picture in words.jpg small.gif small.bmp stub.jpg cut.jpg; do
  facesearch search --quiet --collection staff --name door --image $picture | jq -c '[.errorCode, .message, .reason]'
  echo "exit ${PIPESTATUS[0]}"
done
