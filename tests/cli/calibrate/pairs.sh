# SPDX-License-Identifier: MIT
# --pairs compares the pairs of a list, --exclude leaves out wrong labels.
cd "$PEOPLE" || exit
echo "first,second,same" >"$WORK/pairs.csv"
for a in person*.jpg; do
  for b in person*.jpg; do
    [[ $a < $b ]] && echo "$PEOPLE/$a,$PEOPLE/$b,$([ "${a%-*}" = "${b%-*}" ] && echo 1 || echo 0)"
  done
done >>"$WORK/pairs.csv"
facesearch calibrate --pairs "$WORK/pairs.csv" --top 2 >"$WORK/listed.json"
jq -c '[.pictures, .people, .mates, .non_mates, (.top_non_mates | length)]' "$WORK/listed.json"
printf 'person01,person02\nperson03-1.jpg,person04-2.jpg\n' >"$WORK/wrong.csv"
facesearch calibrate --folder . --exclude "$WORK/wrong.csv" | jq -c '[.mates, .non_mates]'
