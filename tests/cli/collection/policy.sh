# SPDX-License-Identifier: MIT
# Every rule of a policy is an option of create; update changes only the options it is given.
facesearch init >made.json
facesearch collection create door --similarity 90 --enroll-liveness on --search-liveness on \
  --enroll-liveness-threshold 60 --search-liveness-threshold 70.5 --enroll-faces largest --search-faces reject \
  --duplicates reject --quality strict --min-face-px 80 --max-bytes 1000000 --max-pixels 2000000 --max-side 4000 |
  jq -c .collection.policy
facesearch collection update door --similarity 72.5 --duplicates warn | jq -c .collection.policy
facesearch collection update door --enroll-liveness off --quality none | jq -c .collection.policy
facesearch collection show door | jq -c .collection.policy
