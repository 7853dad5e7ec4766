# SPDX-License-Identifier: MIT
# A HEIC and an AVIF picture are answered as the JPEG of the same person, also under a wrong name, and the three show one person.
for picture in "$PEOPLE/person01-2.jpg" "$SOURCE/tests/data/heif/person01-2.heic" "$SOURCE/tests/data/heif/person01-2.avif"; do
  facesearch detect "$picture" | jq -c '[.image, .faces_found, .found_by, (.faces[0] | [.x, .y, .width, .height] | map((. / 10 | round) * 10))]'
done
cp "$SOURCE/tests/data/heif/person01-2.heic" named.jpg
facesearch verify named.jpg "$PEOPLE/person01-1.jpg" | jq -c '[.match, .face_a.width > 200]'
facesearch verify "$SOURCE/tests/data/heif/person01-2.avif" "$PEOPLE/person01-1.jpg" | jq -c .match
head -c 3000 named.jpg >cut.heic
facesearch detect cut.heic; echo "exit $?"
# Folders hold them as well, and a picture that was enrolled is known again.
facesearch init >made.json
facesearch collection create staff --duplicates reject >made.json
mkdir ada; cp "$SOURCE"/tests/data/heif/person01-2.heic ada/1.HEIC; cp "$SOURCE"/tests/data/heif/person01-2.avif ada/2.avif; cp named.jpg ada/3.hif
facesearch enroll --collection staff --name-from '{parent}' ada 2>/dev/null | jq -c '[.input // empty, .message // empty, .reason // empty] | select(. != [])'
