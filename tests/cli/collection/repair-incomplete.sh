# SPDX-License-Identifier: MIT
# A repair lists what it could not save and ends with 3; a dry run reports the same and makes nothing.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ada --image "$PEOPLE/person01-1.jpg" >made.json
facesearch enroll --collection staff --name Bob --image "$PEOPLE/person02-1.jpg" >made.json
facesearch enroll --collection staff --name Eve --image "$PEOPLE/person03-1.jpg" >eve.json
jq -n --rawfile image <(base64 -w0 "$PEOPLE/person04-1.jpg") --arg note "$(printf 'x%.0s' {1..5000})" \
  '{collectionId: "staff", userName: "Long", faceImage: $image, metadata: {note: $note}}' |
  facesearch enroll | jq -r .faceId >long
facesearch face delete --collection staff --face "$(jq -r .faceId eve.json)" >made.json
# A long record has pages of its own. All that begin such a one (kind 6) are lost.
perl -e 'open F, "+<", $ARGV[0]; binmode F; local $/; $_ = <F>;
  for ($at = 8192; $at < length; $at += 4096) {
    substr($_, $at, 4096) = "\0" x 4096 if substr($_, $at + 10, 2) eq "\4\0" && substr($_, $at + 16, 2) eq "\1\6";
  }
  seek F, 0, 0; print F $_' "$XDG_DATA_HOME/facesearch/collections/staff/gen-1/data.mdb"
facesearch collection check staff; echo "exit $?"
facesearch collection repair staff --to saved --dry-run >dry.json; echo "exit $?"
jq -c '[.dry_run, .faces]' dry.json
facesearch collection show saved; echo "exit $?"
facesearch collection repair staff --to saved >answer.json; echo "exit $?"
jq -c 'del(.lost)' answer.json
jq -c --rawfile long long '[.lost[] | [.faceId == ($long | rtrimstr("\n")), .lost]]' answer.json
facesearch face list --collection saved --page 1 | jq -c '[.result[].user_name]'
facesearch face delete --collection saved --face "$(jq -r .faceId eve.json)" | jq -c .errorCode
facesearch collection check saved | jq -c '[.message, .faces]'
facesearch collection delete staff
facesearch collection repair saved --to staff | jq -c '[.message, .faces]'
facesearch search --collection staff --name door --image "$PEOPLE/person02-3.jpg" | jq -c '[.result[].user_name]'
