# SPDX-License-Identifier: MIT
# 6012 with a reason: metaFaceId is a person's id, metadata a flat object of strings within limits, a name at most 1,024 bytes.
facesearch init >made.json
facesearch collection create staff >made.json
enroll() { jq -cn "{collectionId: \"staff\", userName: \"Ann\", faceImage: \"Zm9v\"} + $1" | facesearch enroll; echo "exit $?"; }
enroll '{metaFaceId: "Ann"}'
enroll '{metaFaceId: 7}'
enroll '{metadata: "blue"}'
enroll '{metadata: {team: {colour: "blue"}}}'
enroll '{metadata: {team: 7}}'
enroll '{metadata: ([range(65) | {key: "k\(.)", value: ""}] | from_entries)}'
enroll '{metadata: {k: ("x" * 16384)}}'
enroll '{userName: ("x" * 1025)}'
