# SPDX-License-Identifier: MIT
# 6030, 6031, 6032: each field has its own number when it is missing, empty or not a string.
facesearch init >made.json
search() { facesearch search --request - <<<"$1"; echo "exit $?"; }
search '{}'
search '{"collectionId":"","requestName":"door","faceImage":"Zm9v"}'
search '{"collectionId":7,"requestName":"door","faceImage":"Zm9v"}'
search '{"collectionId":"staff","faceImage":"Zm9v"}'
search '{"collectionId":"staff","requestName":"","faceImage":"Zm9v"}'
search '{"collectionId":"staff","requestName":["door"],"faceImage":"Zm9v"}'
search '{"collectionId":"staff","requestName":"door"}'
search '{"collectionId":"staff","requestName":"door","faceImage":""}'
search '{"collectionId":"staff","requestName":"door","faceImage":null}'
facesearch search --collection staff --name door --image /dev/null; echo "exit $?"
