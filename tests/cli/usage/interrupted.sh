# SPDX-License-Identifier: MIT
# 130: interrupted; the program ends by itself, not by the signal.
mkfifo never.jpg
python3 - <<'END'
import signal, subprocess
for number in signal.SIGINT, signal.SIGTERM:
    process = subprocess.Popen(["facesearch", "detect", "never.jpg"], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    with open("never.jpg", "wb"):  # the program is reading now
        process.send_signal(number)
        print(number.name, process.wait())
END
