# SPDX-License-Identifier: MIT
# The copy is upright and carries no EXIF of the picture: no place, no device.
python3 - "$PEOPLE/person01-1.jpg" camera.jpg <<'PY'
import struct
import sys

picture = open(sys.argv[1], "rb").read()
# One entry: orientation 6, a quarter turn. Then bytes as a device would write them.
entry = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0) + b"GPS 47.05N 8.31E, camera 1234567"
segment = b"Exif\0\0" + tiff
app1 = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
open(sys.argv[2], "wb").write(picture[:2] + app1 + picture[2:])
PY
facesearch detect camera.jpg --annotate seen.jpg | jq -c '[.image, .faces_found]'
facesearch detect camera.jpg --annotate seen.png | jq -c '[.image, .faces_found]'
facesearch detect seen.jpg | jq -c '[.image, .found_by]'
for file in camera.jpg seen.jpg seen.png; do echo "$file: $(grep -c -a -E 'Exif|GPS|eXIf|camera' "$file") lines of EXIF"; done
