# SPDX-License-Identifier: MIT
# 7004: a store that was cut, emptied or overwritten is refused with a documented error, never a crash.
facesearch init >made.json
facesearch collection create staff >made.json
store=$XDG_DATA_HOME/facesearch
data=$store/collections/staff/gen-1/data.mdb
try() {
  facesearch face list --collection staff --page 1 | jq -c '[.errorCode, .message, .reason]'
  echo "exit ${PIPESTATUS[0]}"
}
try 2>/dev/null
cp "$data" whole
truncate -s 100 "$data"; try 2>/dev/null
truncate -s 0 "$data"; try 2>/dev/null
head -c 16384 /dev/zero >"$data"; try 2>/dev/null
head -c 8192 whole >"$data"; try 2>/dev/null
cp whole "$data"; facesearch face list --collection staff --page 1
cp "$store/keys.json" keys
echo '{' >"$store/keys.json"; try 2>/dev/null
cp keys "$store/keys.json"
echo '[]' >"$store/store.json"; try 2>/dev/null
