# SPDX-License-Identifier: MIT
# The example of docs/pictures.md.

facesearch detect "$SOURCE/tests/data/heif/person01-2.heic" | jq -c '[.message, .image, .faces_found]'
