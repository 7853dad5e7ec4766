# SPDX-License-Identifier: MIT
# An option that may be repeated takes one value each time: what follows it is a path, even with = in it.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir year=2024
cp "$PEOPLE/person01-1.jpg" year=2024
facesearch enroll --collection staff --name Ada --metadata site=3 --metadata floor=2 year=2024/person01-1.jpg --quiet | tail -n 1 | jq -c '[.succeeded]'
facesearch face list --collection staff --page 1 | jq -c '[.result[].metadata]'
