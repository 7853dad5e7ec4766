# SPDX-License-Identifier: MIT
# 130: interrupted.
mkfifo never.jpg
timeout --foreground --preserve-status -s INT 0.5 env --default-signal=INT facesearch detect never.jpg
echo "exit $?"
