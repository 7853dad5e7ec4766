# SPDX-License-Identifier: MIT
# Two pictures side by side are a picture within the limits, however they differ: 16,384 pixels a side, 50 megapixels.
python3 - <<'PY'
import struct
import zlib


def write(name, width, height):
    """A grey picture of one bit a pixel."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\xaa" * ((width + 7) // 8)) * height
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


write("wide.png", 16384, 100)
write("high.png", 800, 16384)
PY
cp "$PEOPLE/person01-1.jpg" person.png
sides() { python3 -c 'import struct, sys; print(*struct.unpack(">II", open(sys.argv[1], "rb").read(24)[16:]))' "$1"; }
for pair in "person wide" "wide wide" "person high"; do
  read -r a b <<<"$pair"
  facesearch verify $a.png $b.png --annotate both.png 2>/dev/null | jq -c .reason
  echo "$pair: $(sides both.png)"
  rm both.png
done
