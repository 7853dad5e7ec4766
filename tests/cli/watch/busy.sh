# SPDX-License-Identifier: MIT
# A busy store costs a watch no input: it retries silently. An idle watch locks nothing.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
mkdir in
cp "$PEOPLE"/person01-1.jpg in
: > answers
facesearch watch enroll --collection staff --name n --lock-timeout 0.1 in > answers &
until grep -q success answers; do sleep 0.05; done
python3 - "$XDG_DATA_HOME"/facesearch/locks "$PEOPLE"/person02-1.jpg <<'END'
import fcntl, pathlib, shutil, sys, time
lock, = (path for path in pathlib.Path(sys.argv[1]).iterdir() if path.name != "store.lock")
with open(lock, "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    shutil.copy(sys.argv[2], "in")
    time.sleep(1)
END
until [ "$(grep -c success answers)" = 2 ]; do sleep 0.05; done
facesearch --lock-timeout 0 collection compact staff | jq -c '[.message, .faces]'
kill "$!"
wait "$!"
jq -c '[.input, .message, .errorCode, .inputs, .failed]' answers
