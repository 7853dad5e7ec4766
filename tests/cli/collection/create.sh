# SPDX-License-Identifier: MIT
# A collection shows its model, the meaning of its scores and its policy.
facesearch init >made.json
facesearch collection create staff >created.json
# What the model brings is told by its type here: it differs from pack to pack.
jq -c '.collection |= (.pack |= type | .fingerprint |= test("^[0-9a-f]{64}$") | .calibration |= map_values(type))' created.json
facesearch collection show staff | cmp - created.json
facesearch collection list | jq -c --slurpfile created created.json '[.message, .result == [$created[0].collection], .totalCount]'
