# SPDX-License-Identifier: MIT
# A JPEG above the limit of 50 megapixels is looked at reduced. What is said of it is in pixels of the picture as it is.
gzip -dc "$PICTURES/large.jpg.gz" >large.jpg
facesearch detect large.jpg >large.json; echo "exit $?"
facesearch detect "$PEOPLE/person01-1.jpg" >small.json
jq -c '[.image, .faces_found, .warnings]' large.json
# The person's picture is 400 pixels wide; here it is 1,600 wide and begins at (3000, 2000).
jq -nc '[inputs.faces[0]] | [.[0].x - (4 * .[1].x + 3000), .[0].y - (4 * .[1].y + 2000), .[0].width - 4 * .[1].width] | map(fabs < 60)' large.json small.json
jq -nc '[inputs.faces[0].landmarks] | [.[0][0][0] - (4 * .[1][0][0] + 3000), .[0][4][1] - (4 * .[1][4][1] + 2000)] | map(fabs < 40)' large.json small.json
facesearch verify large.jpg "$PEOPLE/person01-2.jpg" | jq -c '[.match, .face_a.x > 3000, .face_a.width > 800]'
# min-face-px counts those pixels as well, and a collection that lowers the limit refuses the picture.
facesearch init >made.json
facesearch collection create wide --min-face-px 900 >made.json
facesearch collection create wider --min-face-px 1600 >made.json
facesearch collection create few --max-pixels 49999999 >made.json
for collection in wide wider few; do
  facesearch enroll --quiet --collection $collection --name Ada --image large.jpg | jq -c '[.message, .reason, [.warnings[]?.reason], (.detail // "" | sub("[0-9]+ px wide"; "<n> px wide"))]'
done
