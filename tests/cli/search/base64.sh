# SPDX-License-Identifier: MIT
# 6032 with INVALID_BASE64: faceImage is standard base64, padded; line ends inside are skipped, nothing else is.
facesearch init >made.json
for image in 'Zm9v!' 'Zm9' 'Z===' 'Zm9v====' '-_-_' 'Zm9vYh==' 'data:image/png,Zm9v' 'data:text/plain;base64,Zm9v'; do
  jq -cn --arg image "$image" '{collectionId: "staff", requestName: "door", faceImage: $image}' |
    facesearch search; echo "exit $?"
done
