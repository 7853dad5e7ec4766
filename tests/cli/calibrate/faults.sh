# SPDX-License-Identifier: MIT
# A wrong folder, a wrong list or too few pictures are refused with their reason; nothing is kept.
calibrate() { facesearch calibrate "$@"; echo "exit $?"; }
calibrate
calibrate --folder . --pairs list.csv
calibrate --folder missing
mkdir empty
calibrate --folder empty
cp "$PEOPLE"/person0[12]-1.jpg "$PICTURES/nobody.jpg" empty
calibrate --folder empty --write
printf 'a.jpg,b.jpg,1\na.jpg,c.jpg\n' >list.csv
calibrate --pairs list.csv
printf 'a,b,same\n' >list.csv
calibrate --pairs list.csv
printf 'a.jpg,b.jpg,1\n' >list.csv
calibrate --pairs list.csv
printf 'a.jpg,b.jpg,1\nb.jpg,a.jpg,0\n' >list.csv
calibrate --pairs list.csv
printf 'a.jpg,a.jpg,1\n' >list.csv
calibrate --pairs list.csv
calibrate --folder empty --source "$(printf 'two\nlines')"
printf 'person01,persn02\n' >wrong.csv
calibrate --folder empty --exclude wrong.csv
printf 'a.jpg\n' >wrong.csv
calibrate --folder empty --exclude wrong.csv
calibrate --folder empty --pack none
calibrate --folder empty --top x
find "$HOME" -type f
