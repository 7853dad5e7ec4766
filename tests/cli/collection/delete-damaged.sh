# SPDX-License-Identifier: MIT
# A damaged collection can be deleted, and its ids are known as far as they could be read.
facesearch init >made.json
collections=$XDG_DATA_HOME/facesearch/collections
make() {
  facesearch collection create staff >made.json
  facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" | jq -r .faceId >ada
}
gone() { # and how the id of its face answers when the collection has been made again
  facesearch collection delete staff; echo "exit $?"
  facesearch collection create staff >made.json
  facesearch face delete --collection staff --face "$(cat ada)" | jq -c .errorCode
  facesearch collection delete staff >made.json
}
make; rm "$collections/staff/CURRENT"; gone
make; rm "$collections/staff/gen-1/key"; gone
make; head -c 5000 /dev/zero | dd of="$collections/staff/gen-1/data.mdb" conv=notrunc status=none; gone
make; : >"$collections/staff/gen-1/data.mdb"; gone
make; rm -r "$collections/staff"; mkdir "$collections/staff"; gone
facesearch collection list | jq -c .result
