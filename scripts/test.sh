#!/usr/bin/env bash
# Runs every test of a build folder, then shows how the host model and this machine's kernel compare
# (or why they could not be compared), and ends with CTest's own summary, which CI reads.
#
#   scripts/test.sh <build folder> [ctest options]
set -uo pipefail

folder=$1
shift
log=$folder/test.log
ctest --test-dir "$folder" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# CTest keeps the output of every test, also of those that passed or were skipped.
table=$(awk '/^[0-9]+\/[0-9]+ Testing: /{inside = ($3 == "fidelity")}
             inside && /^<end of output>/{exit}
             inside && shown{print}
             inside && /^----------/{shown = 1}' "$folder/Testing/Temporary/LastTest.log" 2>/dev/null)
if [ -n "$table" ]; then
  printf '\nmodel against kernel (tests/fidelity)\n%s\n\n' "$table"
  sed -n '/tests passed, /,$p' "$log"
fi
exit "$status"
