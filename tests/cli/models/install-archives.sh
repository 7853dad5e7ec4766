# SPDX-License-Identifier: MIT
# Files come out of zip, wheel, tar, gzip and bzip2, by what they are and not by their names; nothing else of an archive is unpacked.
mkdir mine content
jq '.name = "mine"' "$SOURCE/models/mini/manifest.json" >mine/manifest.json
mkdir -p content/in/a/folder
cp "$SOURCE"/models/mini/*.onnx content/in/a/folder
mv content/in/a/folder/detector.onnx content/renamed
pack() { # ARCHIVE FORM
  /usr/bin/python3 -c 'import shutil, sys; shutil.move(shutil.make_archive("made", sys.argv[2], "content"), sys.argv[1])' "$1" "$2"
}
left() { find "$XDG_DATA_HOME"/facesearch-models/{packs,partial} -type f -printf '%P\n' | sort; }
for archive in pack.zip:zip pack.whl:zip pack.tar:tar pack.tgz:gztar pack.tar.bz2:bztar unnamed:gztar; do
  echo "--- ${archive%:*}"
  pack "${archive%:*}" "${archive#*:}"
  facesearch models install ./mine --from "${archive%:*}" | jq -c '.pack.state, [.files[].member]'
  facesearch models remove mine | jq -r .message
done

echo "--- one compressed file, as dlib publishes them, with a folder for the rest"
/usr/bin/python3 -c 'import bz2; open("detector.onnx.bz2", "wb").write(bz2.compress(open("content/renamed", "rb").read()))'
facesearch models install ./mine --from detector.onnx.bz2 --from content/in | jq -c '.files[0], .files[4]'
left

echo "--- over http"
facesearch models remove mine | jq -r .message
port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$WORK" --log "$WORK/log" --background --while $$)
export http_proxy=http://127.0.0.1:$port
facesearch models install ./mine --from http://models.invalid/cut/1000000/pack.zip 2>said | jq -c '.pack.state, .files[0]'
sed 's/.*; //' said  # before it: libcurl's words, of its version
sed 's/ if .*//' log
facesearch models remove mine | jq -r .message

echo "--- an address of the manifest may be an archive's"
jq '(.. | select(.file?)) |= (.urls = ["http://models.invalid/gone/" + .file, "http://models.invalid/pack.tar.bz2"])' mine/manifest.json >with.json
mv with.json mine/manifest.json
facesearch models install ./mine | jq -c '.pack.state, .files[0]'
tail -n +3 log
left
