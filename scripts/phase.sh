#!/usr/bin/env bash
# Runs one phase of the build as one line: "building … done (42 s)". The full output goes to a log
# in build/, whose end is shown when the phase fails. On a terminal, Ninja's [n/m] counts along.
#
#   scripts/phase.sh <name> <command...>
set -euo pipefail

name=$1
shift
log=build/$(tr -c 'a-z0-9\n' '-' <<<"$name").log
mkdir -p build
started=$SECONDS

printf '%s … ' "$name"
set -m  # a process group of its own, so that Ctrl-C ends the compilers too
"$@" >"$log" 2>&1 </dev/null &
command=$!
set +m
trap 'kill -- "-$command" 2>/dev/null; echo stopped; exit 130' INT TERM
if [ -t 1 ]; then
  while kill -0 "$command" 2>/dev/null; do
    step=$(tail -n 1 "$log" 2>/dev/null | grep -oE '^\[[0-9]+/[0-9]+\]' || true)
    [ -z "$step" ] || printf '\r%s … %s ' "$name" "$step"
    sleep 0.5
  done
  printf '\r\033[K%s … ' "$name"
fi
if wait "$command"; then
  echo "done ($((SECONDS - started)) s)"
else
  status=$?
  echo "FAILED after $((SECONDS - started)) s"
  # Ninja goes on with other targets after an error: show the errors before the end of the log.
  grep -nE 'error:|Error |FAILED:|undefined reference' "$log" | head -n 20 >&2 || true
  echo "--- last lines of $log" >&2
  tail -n 30 "$log" >&2
  exit "$status"
fi
