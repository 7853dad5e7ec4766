# SPDX-License-Identifier: MIT
# A collection of a pack that is not installed is refused with the command that installs it, calibrated or not.
facesearch init >made.json
for pack in dlib dlib-densenet opencv-zoo buffalo_l; do
  facesearch collection create staff --pack $pack
  echo "exit $?"
done
facesearch collection list | jq -c .totalCount
