# SPDX-License-Identifier: MIT
# 7003: a held collection makes others wait for --lock-timeout seconds and no longer.
facesearch init >made.json
facesearch collection create staff >made.json

# Holds a lock on every byte of the collection's lock file, as who deletes a collection does.
hold() {
  python3 - "$XDG_DATA_HOME"/facesearch/locks/*[0-9a-f].lock <<'END' &
import fcntl, os, struct, sys, time
for path in sys.argv[1:]:
    if not path.endswith("store.lock"):
        F_OFD_SETLK = 37
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(os.open(path, os.O_RDWR), F_OFD_SETLK, lock)
open("held", "w").close()
time.sleep(60)
END
  while [ ! -e held ]; do sleep 0.05; done
}
hold
facesearch collection delete staff --lock-timeout 0.2; echo "exit $?"
facesearch face list --collection staff --page 1 --lock-timeout 0; echo "exit $?"
facesearch collection list --lock-timeout 0; echo "exit $?"
kill $!
wait
facesearch collection delete staff
