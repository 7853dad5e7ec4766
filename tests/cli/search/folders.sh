# SPDX-License-Identifier: MIT
# What a folder's inputs are: names of pictures in any case, without what storage systems keep beside them or what is excluded.
facesearch init >made.json
facesearch collection create staff >made.json
mkdir -p p/@eaDir/a.jpg 'p/#recycle' p/old
for name in a.JPG b.jfif c.jpe @eaDir/a.jpg/THUMB.jpg '#recycle/x.jpg' old/d.jpg thumb_a.jpg; do cp "$PEOPLE/person01-1.jpg" "p/$name"; done
printf GIF89a >p/e.GIF
facesearch search --collection staff --exclude old --exclude 'thumb_*' p >answers.jsonl
jq -c '[.input // empty], [.inputs // empty, .passed_over // empty, .passed_over_by // empty] | select(. != [])' answers.jsonl
facesearch search --collection staff --name door --image p/e.GIF --quiet | jq -c '[.errorCode, .reason, .detail]'
mkdir gifs; cp p/e.GIF gifs/1.gif; cp p/e.GIF gifs/2.gif; cp "$PEOPLE/person01-1.jpg" gifs/3.jpg
facesearch search --collection staff gifs >answers.jsonl
# A folder's .facesearchignore leaves out what lies there and below; one that is not valid stops its folder only.
mkdir -p q/drafts q/more/drafts q/wrong
for name in drafts/1.jpg more/drafts/2.jpg more/3.jpg more/4.jpg wrong/5.jpg .hidden.jpg; do cp "$PEOPLE/person01-1.jpg" "q/$name"; done
printf 'drafts/\n*.jpg\n!3.jpg\n' >q/.facesearchignore
printf '[a\n' >q/wrong/.facesearchignore
facesearch search --collection staff q >answers.jsonl
jq -c '[.input // empty, .reason // empty, .detail // empty], [.inputs // empty, .passed_over // empty, .passed_over_by // empty] | select(. != [])' answers.jsonl
