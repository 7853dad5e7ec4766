# SPDX-License-Identifier: MIT
# A fault of the program has the call's own number, the reason INTERNAL and status 70: here, memory is exhausted.
# not under sanitizers: they need more address space than that to start
facesearch init >made.json
{
  printf '{"collectionId":"'
  head -c 60000000 /dev/zero | tr '\0' a
  printf '"}'
} >request.json
ulimit -v 200000
facesearch enroll --request request.json; echo "exit $?"
facesearch face delete --request request.json; echo "exit $?"
facesearch face list --request request.json; echo "exit $?"
facesearch search --request request.json; echo "exit $?"
