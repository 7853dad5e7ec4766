# SPDX-License-Identifier: MIT
# Hostile and damaged archives: a clear error, nothing installed, nothing written outside, and the next source is tried.
mkdir mine archives
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
/usr/bin/python3 - "$SOURCE/models/mini" <<'PYTHON'
import bz2, io, sys, tarfile, zipfile
networks = {n: open(f"{sys.argv[1]}/{n}.onnx", "rb").read() for n in ("detector", "embedder", "landmarks", "liveness-2.7", "liveness-4.0")}
def tar(name, members, mode="w"):
    with tarfile.open(name, mode) as out:
        for member, content, kind, link in members:
            info = tarfile.TarInfo(member)
            info.size, info.type, info.linkname = len(content), kind, link
            out.addfile(info, io.BytesIO(content))
def packed(content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for n, b in content.items():
            out.writestr(n, b)
    return made.getvalue()
file = tarfile.REGTYPE
plain = [(f"{n}.onnx", b, file, "") for n, b in networks.items()]
tar("archives/outside.tar", [(f"../../../outside/{n}", b, file, "") for n, b in networks.items()])
tar("archives/absolute.tar", [(f"/tmp/facesearch-outside/{n}", b, file, "") for n, b in networks.items()])
tar("archives/link.tar", [("detector.onnx", b"", tarfile.SYMTYPE, f"{sys.argv[1]}/detector.onnx")])
tar("archives/hard.tar", [("detector.onnx", b"", tarfile.LNKTYPE, "embedder.onnx")])
tar("archives/device.tar", [("detector.onnx", b"", tarfile.CHRTYPE, "")])
tar("archives/twice.tar", [("detector.onnx", b"wrong", file, "")] + plain + plain)
tar("archives/cut.tar.gz", plain, "w:gz")
whole = open("archives/cut.tar.gz", "rb").read()
open("archives/cut.tar.gz", "wb").write(whole[:200000])
whole = bytearray(packed({"detector.onnx": networks["detector"]}))
for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
    whole[whole.find(magic) + at] |= 1
open("archives/encrypted.zip", "wb").write(whole)
whole = bytearray(packed({"detector.onnx": networks["detector"], "wrong/embedder.onnx": b"x" * len(networks["embedder"])}))
whole[1000] ^= 1
open("archives/damaged.zip", "wb").write(whole)
open("archives/nested.zip", "wb").write(packed({"inner.zip": packed({"detector.onnx": networks["detector"]})}))
with bz2.open("archives/bomb.bz2", "wb") as out:
    for _ in range(128):
        out.write(b"1" * (1 << 20))
open("archives/empty.zip", "wb").write(packed({}))
PYTHON
mkfifo archives/pipe.zip
mkdir archives/folder.zip
echo text >archives/text.zip
: >archives/nothing.zip
try() { # The words of libarchive differ between its versions.
  for archive; do
    echo "--- $archive"
    facesearch models install ./mine --from "archives/$archive" 2>/dev/null | jq -r 'if .errorCode then .reason, (.detail | gsub("cut short \\([^)]*\\)"; "cut short (…)")) else [.files[].member] | @json end'
    facesearch models remove mine --quiet | jq -r '.message' | grep success
  done
}
try link.tar hard.tar device.tar cut.tar.gz encrypted.zip damaged.zip nested.zip bomb.bz2 empty.zip
try pipe.zip folder.zip text.zip nothing.zip
echo "--- these have the right members, whatever they are called"
try outside.tar absolute.tar twice.tar
ls -d /tmp/facesearch-outside ../outside ../../outside 2>/dev/null
find "$XDG_DATA_HOME"/facesearch-models/{packs,partial} -mindepth 1

echo "--- the next source is tried"
facesearch models install ./mine --from archives/cut.tar.gz --from archives/bomb.bz2 --from "$SOURCE/models" | jq -r '.pack.state'
