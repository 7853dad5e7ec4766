# SPDX-License-Identifier: MIT
# What is no picture file is told by what it is: a folder in a list, a pipe, an empty file, a link that leads nowhere.
facesearch init >made.json
facesearch collection create staff >made.json
fault() { head -n 1 | jq -c '[.errorCode, .reason, .detail]'; }
mkdir folder album
mkfifo pipe
: >empty.jpg
ln -s nowhere.jpg album/a.jpg
echo folder | facesearch search --collection staff --list - >answers.jsonl; fault <answers.jsonl
facesearch search --collection staff pipe >answers.jsonl; fault <answers.jsonl
facesearch search --collection staff --name door --image empty.jpg --quiet | fault
facesearch search --collection staff empty.jpg >answers.jsonl; fault <answers.jsonl
facesearch search --collection staff album >answers.jsonl; echo "exit $?"; fault <answers.jsonl
facesearch search --collection staff album/a.jpg >answers.jsonl; fault <answers.jsonl
# Names are shown, not obeyed, by the terminal.
facesearch search --collection staff --name door --image $'\e]0;owned\a\u009bb\nc.jpg' 2>&1 >answer.json | cat -v
