# SPDX-License-Identifier: MIT
# The answer is the same with --annotate; the file is for its owner alone, and its ending decides its format.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name "王小明" --image "$PEOPLE/person01-1.jpg" >made.json
four=$PICTURES/four-people.jpg
same() { # FILE COMMAND...
  local file=$1
  shift
  facesearch "$@" >without.json 2>without.txt
  local status=$?
  facesearch "$@" --annotate "$file" >with.json 2>with.txt
  echo "$* $file: exit $status and $?"
  diff <(sed -E 's/"searchId":"[^"]*"//' without.json) <(sed -E 's/"searchId":"[^"]*"//' with.json) && cmp without.txt with.txt &&
    echo "  the same answer; $(stat -c '%a' "$file"), $(facesearch detect "$file" | jq -c .image)"
}
same detect.jpg detect "$four"
same DETECT.PNG detect "$four"
same none.jpeg detect "$PICTURES/nobody.jpg"
same all.png search --collection staff --name door --faces all --image "$four"
same one.png search --collection staff --name door --image "$PEOPLE/person01-3.jpg"
same nobody.png search --collection staff --name door --image "$PEOPLE/person09-1.jpg"
same match.png verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person01-4.jpg"
same differ.png verify "$PEOPLE/person01-1.jpg" "$PEOPLE/person02-1.jpg"
same pairs.png verify "$PEOPLE/person01-1.jpg" "$four" --faces all
face=$(facesearch face list --collection staff | jq -r '.result[0].face_id')
same enrolled.png verify "$PEOPLE/person01-4.jpg" --collection staff --face "$face"
# A face that is refused: what was found is drawn.
same refused.png verify "$PEOPLE/person01-1.jpg" "$four"
same no-face.png search --collection staff --name door --image "$PICTURES/nobody.jpg"
# From standard input, and from a request.
facesearch detect - --annotate stdin.png <"$four" | jq -c .faces_found
jq -n --rawfile image <(base64 -w0 "$four") '{collectionId: "staff", requestName: "door", faces: "all", faceImage: $image}' |
  facesearch search --annotate request.png | jq -c '.faces | length'
cmp all.png request.png && echo "the same picture"
# A regular file is replaced.
facesearch detect "$PEOPLE/person01-1.jpg" --annotate detect.jpg | jq -c .image
facesearch detect detect.jpg | jq -c .image
file_kind() { head -c 4 "$1" | od -An -tx1; }
file_kind detect.jpg; file_kind none.jpeg; file_kind DETECT.PNG
