# SPDX-License-Identifier: MIT
# The documentation's example: the scores of the sample people, 20 people with four pictures each.
facesearch calibrate --folder "$PEOPLE" >points.json
jq -c '[.pictures, .people, .skipped, .mates, .non_mates]' points.json
jq -c '[.measured_to, [.points[] | [(.similarity | floor), .measured]], (.top_non_mates | length)]' points.json
