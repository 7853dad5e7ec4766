# SPDX-License-Identifier: MIT
# 6040: a key can do what its scopes say and no more; admin can do everything.
facesearch init >made.json
facesearch collection create staff >made.json
for scope in enroll search delete admin; do
  facesearch key create --scope $scope | jq -r .key >$scope.key
  echo "== $scope"
  for call in "enroll" "search" "face list" "face delete" "verify --collection staff" "collection show staff" \
    "collection update staff" "key list"; do
    printf '%s: ' "$call"
    facesearch $call --quiet --api-key-file $scope.key <<<'{}' | jq -c '.errorCode // .message'
  done
done
