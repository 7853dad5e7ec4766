# SPDX-License-Identifier: MIT
# 7001: a request that is no JSON object, too large or too deep is refused alike in every call; its content is not repeated.
facesearch init >made.json
facesearch search --request /dev/null; echo "exit $?"
facesearch search <<<'{"collectionId": Jane}'; echo "exit $?"
facesearch enroll <<<'["staff"]'; echo "exit $?"
facesearch face list <<<'{"collectionId":"staff"'; echo "exit $?"
printf '{"collectionId":"staff"}\0' | facesearch face delete; echo "exit $?"
printf '{"collectionId":"\xff"}' | facesearch search; echo "exit $?"
facesearch search <<<'{"collectionId":"\ud800"}'; echo "exit $?"
printf '[%.0s' {1..100} | facesearch search; echo "exit $?"
head -c 67108865 /dev/zero | facesearch search; echo "exit $?"
