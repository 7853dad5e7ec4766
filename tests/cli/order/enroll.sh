# SPDX-License-Identifier: MIT
# The same for enroll: collectionId, userName, faceImage, then our fields, then the collection.
facesearch init >made.json
enroll() { facesearch enroll --quiet --request - <<<"$1" | jq -c '[.errorCode, .reason]'; }
enroll '{"userName":"","faceImage":"*","metaFaceId":"x"}'
enroll '{"collectionId":"nobody","faceImage":"*","metaFaceId":"x"}'
enroll '{"collectionId":"nobody","userName":"Ann","metaFaceId":"x"}'
enroll '{"collectionId":"nobody","userName":"Ann","faceImage":"*","metaFaceId":"x"}'
enroll '{"collectionId":"nobody","userName":"Ann","faceImage":"Zm9v","metaFaceId":"x","metadata":1}'
enroll '{"collectionId":"nobody","userName":"Ann","faceImage":"Zm9v","metadata":1}'
enroll '{"collectionId":"nobody","userName":"Ann","faceImage":"Zm9v"}'
