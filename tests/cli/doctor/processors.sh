# SPDX-License-Identifier: MIT
# The processors are those that the process may use.
one=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*\([0-9]*\).*/\1/p' /proc/self/status)
taskset -c "$one" facesearch doctor --json | jq -c .threads
