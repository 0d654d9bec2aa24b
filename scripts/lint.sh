#!/usr/bin/env bash
# clang-tidy over our translation units (all of them, or those given), as many at a time as cores.
set -euo pipefail

database=${BUILD:-build-lint}/compile_commands.json
if [ $# -gt 0 ]; then
  files=("$@")
else
  mapfile -t files < <(git ls-files 'models/*.cpp' 'scenarios/*.cpp' 'sim/*.cpp' 'live/*.cpp' 'worlds/*.cpp' 'pcap/*.cpp' 'analysis/*.cpp' 'gui/*.cpp' 'cli/*.cpp')
fi
[ -f "$database" ] || { echo "lint: no $database; run 'cmake --preset lint' first" >&2; exit 1; }
# Our flags are g++'s; what clang does not know of them is no finding. The counts that clang-tidy
# writes to stderr are of warnings in system headers.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p "$(dirname "$database")" \
    --extra-arg=-Wno-unknown-warning-option 2> >(grep -v ' warnings\? generated\.$' >&2)
