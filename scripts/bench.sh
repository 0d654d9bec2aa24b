#!/usr/bin/env bash
# Runs every benchmark program of a build folder and prints the machine and a table of figures.
# A figure counts only together with the machine and the build it was measured on.
#
#   scripts/bench.sh <build folder> [benchmark options, e.g. --benchmark_filter=...]
set -euo pipefail

folder=$1
shift
mapfile -t programs < <(find "$folder/bench" -maxdepth 1 -type f -executable -name '*bench*' | sort)
if [ ${#programs[@]} -eq 0 ]; then
  echo "bench: no benchmark programs in $folder/bench" >&2
  exit 1
fi
echo "machine  $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, Linux $(uname -r)"
echo "build    $(g++ --version | head -n 1), $(git describe --always --dirty 2>/dev/null || echo unknown)"
results=()
for program in "${programs[@]}"; do
  echo
  echo "$(basename "$program")"
  results+=("$folder/bench/$(basename "$program").json")
  "$program" --benchmark_counters_tabular=true --benchmark_color=false \
    --benchmark_out="${results[-1]}" --benchmark_out_format=json "$@" 2>"$folder/bench/errors" || {
    echo "bench: $(basename "$program") ended early: $(tail -n 1 "$folder/bench/errors")" >&2
    exit 1
  }
done
echo
echo "figures and aims"
scripts/bench_table.py "${results[@]}"
