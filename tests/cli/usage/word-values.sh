# SPDX-License-Identifier: MIT
# A mistyped value is answered with the nearest word.
wrong() { facesearch "$@" 2>&1 >out.txt | grep "^facesearch: "; echo "exit ${PIPESTATUS[0]}, $(wc -c <out.txt) bytes on stdout"; }
wrong --output tabel doctor
wrong doctor --output jsno
wrong doctor --output yaml
wrong doctor --output ''
wrong collection create staff --duplicates rejekt
