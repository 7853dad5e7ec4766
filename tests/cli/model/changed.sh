# SPDX-License-Identifier: MIT
# 7006: a collection is bound to the networks it was made with; scores of others have no meaning.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir pack
jq '.embedder.network.sha256 |= "0" * 64' "$SOURCE/models/mini/manifest.json" >pack/manifest.json
facesearch search --models pack --collection staff --name door --image "$PEOPLE/person01-1.jpg" 2>/dev/null |
  sed 's/ [0-9a-f]\{12\}\b/ …/g'; echo "exit ${PIPESTATUS[0]}"
facesearch enroll --models pack --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" 2>/dev/null |
  jq -c '[.errorCode, .message, .reason]'
facesearch face list --models pack --collection staff --page 1
