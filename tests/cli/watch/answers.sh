# SPDX-License-Identifier: MIT
# A watch answers as a batch does: each file its documented response or error; files without a picture's name are only counted.
facesearch init > /dev/null
facesearch collection create staff > /dev/null
facesearch enroll --collection staff --name Ada --image "$PEOPLE"/person01-1.jpg > /dev/null
mkdir -p in/deeper in/.hidden
cp "$PEOPLE"/person01-2.jpg in/deeper
cp "$PEOPLE"/person01-3.jpg in/.hidden
cp "$PEOPLE"/person02-1.jpg in/b.JPG
echo "no picture" > in/c.png
echo "no picture" > in/d.txt
: > answers
facesearch watch search --collection staff --limit 1 in > answers &
until [ "$(grep -c input answers)" = 3 ]; do sleep 0.05; done
kill -INT "$!"
wait "$!"
echo "exit $?"
jq -c '[.input, .requestName, .result[0].user_name, .reason, .inputs, .failed, .nobody, .passed_over, .interrupted]' answers | sort
