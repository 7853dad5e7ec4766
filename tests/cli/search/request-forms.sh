# SPDX-License-Identifier: MIT
# The same request as options, as a file, on standard input; base64 plain, wrapped, or as a data URI; the picture from a pipe.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >made.json
show() { jq -c '[.requestName, .userName, .result[0].user_name]'; }
picture=$PEOPLE/person01-2.jpg
facesearch search --collection staff --name door --image "$picture" | show
facesearch search --collection staff --name door --image - <"$picture" | show
base64 -w0 "$picture" | jq -Rs '{collectionId: "staff", requestName: "door", faceImage: .}' >request.json
facesearch search --request request.json | show
facesearch search --request - <request.json | show
facesearch search <request.json | show
base64 "$picture" | jq -Rs '{collectionId: "staff", requestName: "wrapped", faceImage: .}' | facesearch search | show
jq '.faceImage |= "data:image/jpeg;base64," + . | .requestName = "uri"' request.json | facesearch search | show
jq '.userName = "old" | del(.requestName)' request.json | facesearch search | show
jq '.userName = "old"' request.json | facesearch search | show
jq '.requestName = "日本 \u0000 \"x\""' request.json | facesearch search | show
jq '.limit = 1' request.json | facesearch search | show
