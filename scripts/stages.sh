# Sourced by scripts that run in stages: at their end, also after a failure, a table says what each stage took.
#   stage NAME   ends the stage before and begins another
#   stage_fails  the present stage has failed, and the script goes on
# shellcheck shell=bash

stage_names=() stage_lines=() stage_failures=()

# The processor seconds of all processes that have ended so far.
processor_seconds() {
  awk -v ticks="$(getconf CLK_TCK)" '{ printf "%d", ($16 + $17) / ticks }' "/proc/$$/stat"
}

stage_ends() {
  [ "${#stage_names[@]}" -gt 0 ] || return 0
  stage_lines+=("$(printf '%7d %10d  %s' $((SECONDS - stage_began)) $(($(processor_seconds) - stage_processor)) "${stage_names[-1]}")")
}

stage() {
  stage_ends
  stage_names+=("$1") stage_began=$SECONDS stage_processor=$(processor_seconds)
  printf '\n== %s\n' "$1"
}

stage_fails() {
  stage_failures+=("${stage_names[-1]}")
}

stage_table() {
  local status=$? failure=''
  stage_ends
  if [ "$status" -ne 0 ]; then
    [ "${#stage_failures[@]}" -gt 0 ] || stage_failures=("${stage_names[-1]}")
    failure="; failed with status $status in: $(printf '%s, ' "${stage_failures[@]}" | sed 's/, $//')"
  fi
  printf '\nseconds  processor  stage (%d processors)\n' "$(nproc)"
  printf '%s\n' "${stage_lines[@]}"
  printf '%7d %10d  all%s\n' "$SECONDS" "$(processor_seconds)" "$failure"
}
trap stage_table EXIT
