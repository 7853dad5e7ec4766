# The example of docs/cli/detect.md.

facesearch detect "$PEOPLE/person01-1.jpg" | jq -c '[.message, .image, .faces_found, .found_by]'
