#!/usr/bin/env bash
# Runs every fuzzer of a build folder for a while, from the committed corpus and what earlier runs
# in the same folder found, and prints a table. Fails when one found an input that breaks it.
#
#   [FUZZ_SECONDS=60] scripts/fuzz.sh <build folder> [target...]
set -uo pipefail

folder=$1
shift
seconds=${FUZZ_SECONDS:-60}
mapfile -t programs < <(find "$folder/tests/fuzz" -maxdepth 1 -type f -executable -name 'fuzz_*' | sort)
if [ ${#programs[@]} -eq 0 ]; then
  echo "fuzz: no fuzzers in $folder/tests/fuzz" >&2
  exit 1
fi
mkdir -p "$folder/findings" "$folder/corpus"
# The keys of the scenario language, so that the fuzzer need not guess them.
dictionary=$folder/scenario.dict
grep -oE '"[a-z_]+":' docs/scenario.schema.json | tr -d '":' | sort -u | sed 's/.*/"&: "/' >"$dictionary"

status=0
printf '%-18s %12s %9s  %s\n' target executions coverage verdict
for program in "${programs[@]}"; do
  target=$(basename "$program")
  target=${target#fuzz_}
  [ $# -eq 0 ] || [[ " $* " == *" $target "* ]] || continue
  seeds=("tests/fuzz/corpus/$target")
  options=()
  case $target in
    scenario_loader)
      mapfile -t -O 1 seeds < <(find scenarios -name '*.elb.yaml' -printf '%h\n' | sort -u)
      options=("-dict=$dictionary")
      ;;
    balancer_loader) options=("-dict=$dictionary") ;;
    conversations | replay) seeds+=(tests/fuzz/corpus/capture_reader) ;;
  esac
  mkdir -p "$folder/corpus/$target"
  log=$folder/fuzz-$target.log
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$folder/findings/$target-" "${options[@]}" "$folder/corpus/$target" \
    "${seeds[@]}" >"$log" 2>&1
  result=$?
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
  coverage=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | tr -dc 0-9)
  verdict=ok
  if [ $result -ne 0 ]; then
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    verdict="BROKEN by ${input:-no input, see $log}"
    status=1
  fi
  printf '%-18s %12s %9s  %s\n' "$target" "${executions:--}" "${coverage:--}" "$verdict"
  [ $result -eq 0 ] || grep -m 3 -E 'broken: |runtime error|ERROR: ' "$log"
done
[ $status -eq 0 ] ||
  echo "An input is replayed by: $folder/tests/fuzz/fuzz_<target> <input>; keep it in tests/fuzz/corpus/<target>."
exit $status
