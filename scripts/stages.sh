# Sourced by scripts that run in stages: at their end, also after a failure, a table says what each stage took.
#   stage NAME   ends the stage before and begins another
# shellcheck shell=bash

stage_names=() stage_lines=()

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

stage_table() {
  local status=$?
  stage_ends
  printf '\nseconds  processor  stage (%d processors)\n' "$(nproc)"
  printf '%s\n' "${stage_lines[@]}"
  printf '%7d %10d  all%s\n' "$SECONDS" "$(processor_seconds)" \
    "$([ "$status" -eq 0 ] || echo "; failed with status $status in: ${stage_names[-1]}")"
}
trap stage_table EXIT
