# SPDX-License-Identifier: MIT
# A store is never made over another one, nor among other files.
facesearch init >made.json
facesearch init; echo "exit $?"
mkdir photographs
touch photographs/holiday.jpg
facesearch init --store photographs; echo "exit $?"
ls photographs
