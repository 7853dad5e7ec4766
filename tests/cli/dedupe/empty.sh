# SPDX-License-Identifier: MIT
# A collection of no faces, or of one, has no pairs: a success.
facesearch init >made.json
facesearch collection create staff >made.json
facesearch dedupe --collection staff; echo "exit $?"
facesearch dedupe --collection staff --clusters; echo "exit $?"
facesearch enroll --collection staff --name Ann --image "$PEOPLE/person01-1.jpg" >made.json
facesearch dedupe --collection staff --threshold 0; echo "exit $?"
