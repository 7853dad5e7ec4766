# SPDX-License-Identifier: MIT
# 7010: an invalid name or value is refused with a reason for scripts and the range for people.
facesearch init >made.json
for id in '' '-staff' 'st aff' '../staff' "$(printf 'x%.0s' {1..129})"; do
  facesearch collection create -- "$id"; echo "exit $?"
done
facesearch collection create staff --similarity 100.5; echo "exit $?"
facesearch collection create staff --enroll-liveness-threshold -1; echo "exit $?"
facesearch collection create staff --search-liveness-threshold nan; echo "exit $?"
facesearch collection create staff --max-bytes 20971521; echo "exit $?"
facesearch collection create staff --max-pixels 0; echo "exit $?"
facesearch collection create staff --max-side 16385; echo "exit $?"
facesearch collection create staff >made.json
facesearch collection update staff --similarity -1; echo "exit $?"
