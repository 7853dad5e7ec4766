# SPDX-License-Identifier: MIT
# Every picture that is answered is drawn: HEIC, AVIF, and a JPEG above the limit of pixels, reduced as it is looked at.
heif=$SOURCE/tests/data/heif
for picture in "$heif/person01-2.heic" "$heif/person01-2.avif"; do
  facesearch detect "$picture" --annotate seen.png | jq -c '[.message, .faces_found]'
  facesearch detect seen.png | jq -c '[.image, .faces_found]'
  rm seen.png
done
facesearch verify "$heif/person01-2.heic" "$heif/person01-2.avif" --annotate pair.png | jq -c .match
facesearch detect pair.png | jq -c .image
rm pair.png
# A HEIC without a face is refused: both pictures are drawn.
facesearch verify "$heif/pattern.heic" "$heif/person01-2.avif" --annotate refused.png 2>/dev/null | jq -c '[.reason, .detail]'
facesearch detect refused.png | jq -c '[.image, .faces_found]'
gzip -dc "$PICTURES/large.jpg.gz" >large.jpg
facesearch detect large.jpg --annotate large.png >large.json
jq -c '[.image, .faces_found, .warnings[].reason]' large.json
# The box is where the face is: its upper edge is yellow, at half the coordinates that the document has.
python3 - large.json large.png <<'PY'
import itertools
import json
import struct
import sys
import zlib

face = json.load(open(sys.argv[1]))["faces"][0]
file = open(sys.argv[2], "rb").read()
width, height = struct.unpack(">II", file[16:24])
data, at = b"", 8
while at < len(file):
    size, kind = struct.unpack(">I4s", file[at : at + 8])
    data += file[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
    at += size + 12
raw = zlib.decompress(data)


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def row_of(kind, line, above):
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(line, above))
    row = bytearray(line)
    for i in range(len(row) if kind else 0):
        a, c = (row[i - 3], above[i - 3]) if i >= 3 else (0, 0)
        b = above[i]
        row[i] = (row[i] + (a if kind == 1 else (a + b) // 2 if kind == 3 else paeth(a, b, c))) & 255
    return bytes(row)


stride = 1 + 3 * width
row = bytes(stride - 1)
middle = 3 * round((face["x"] + face["width"] / 2) / 2)
for y in range(round(face["y"] / 2) + 1):
    row = row_of(raw[y * stride], raw[y * stride + 1 : (y + 1) * stride], row)
print(f"{width} x {height}, {list(row[middle : middle + 3])}")
PY
