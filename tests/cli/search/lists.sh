# SPDX-License-Identifier: MIT
# Lists and manifests as programs write them: with a byte order mark, semicolons, tabs. What is something else is told by its name.
facesearch init >made.json
facesearch collection create staff >made.json
cp "$PEOPLE/person01-1.jpg" a.jpg
cp "$PEOPLE/person02-1.jpg" b.jpg
sum() { tail -n 1 | jq -c '[.succeeded, .failed]'; }
printf '\xef\xbb\xbfa.jpg\r\nb.jpg\r\n' | facesearch search --collection staff --list - | sum
printf 'path;requestName\r\na.jpg;Ada\r\n"b.jpg";"Eve; or not"\r\n' | facesearch search --collection staff --manifest - | sum
printf 'path\trequestName\na.jpg\tAda\n' | facesearch search --collection staff --manifest - | sum
refused() { jq -c '[.reason, .detail]'; }
printf 'a.jpg\0b.jpg\0' | facesearch search --quiet --collection staff --list - | tail -n 1 | jq -c '.ended_by | [.reason, .detail]'
printf '[{"path":"a.jpg"}]' | facesearch search --quiet --collection staff --manifest - | refused
printf '[\n{"path":"a.jpg"}\n]\n' | facesearch search --quiet --collection staff --manifest - | refused
printf 'path\na.jpg\n' | iconv -t UTF-16 | facesearch search --quiet --collection staff --manifest - | refused
printf 'file;person\na.jpg;Ada\n' | facesearch search --quiet --collection staff --manifest - | refused
printf '{"path":"a.jpg\\u0000/../b.jpg"}\n' | facesearch search --collection staff --manifest - >answers.jsonl
head -n 1 answers.jsonl | jq -c '[.errorCode, .reason, .detail]'
