# SPDX-License-Identifier: MIT
# One document on standard output and a line for people on standard error; --quiet leaves the line out.
facesearch init >made.json
facesearch face list --collection nobody --page 1 >answer.json
facesearch face list --collection nobody --page 1 --quiet >quiet.json
facesearch --quiet face list --collection nobody --page 1 >first.json
cmp answer.json quiet.json && cmp answer.json first.json && wc -l <answer.json
