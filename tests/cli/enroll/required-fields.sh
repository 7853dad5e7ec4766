# SPDX-License-Identifier: MIT
# 6010, 6012, 6011: checked in the order of the table. 6011 keeps the message of the public documentation.
facesearch init >made.json
enroll() { facesearch enroll --request - <<<"$1"; echo "exit $?"; }
enroll '{}'
enroll '{"collectionId":"","userName":"Ann","faceImage":"Zm9v"}'
enroll '{"collectionId":["staff"],"userName":"Ann","faceImage":"Zm9v"}'
enroll '{"collectionId":"staff","faceImage":"Zm9v"}'
enroll '{"collectionId":"staff","userName":"","faceImage":"Zm9v"}'
enroll '{"collectionId":"staff","userName":7,"faceImage":"Zm9v"}'
enroll '{"collectionId":"staff","userName":"Ann"}'
enroll '{"collectionId":"staff","userName":"Ann","faceImage":""}'
enroll '{"collectionId":"staff","userName":"Ann","faceImage":{}}'
enroll '{"collectionId":"staff","userName":"Ann","faceImage":"Zm9v!"}'
