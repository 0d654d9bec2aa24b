#!/usr/bin/env bash
# Makes docs/screenshots/*.png from real traces: the pictures of the analyzer in README and docs.
#
#   scripts/screenshots.sh [BUILD=build]
#
# Runs the scenarios whose traces are not in BUILD/screenshots yet, one seed each, and exports the
# views without a screen. The same traces give the same pictures.
set -euo pipefail

build=${1:-build}
traces=$build/screenshots
pictures=docs/screenshots
most_bytes=150000
mkdir -p "$traces" "$pictures"

trace() {  # trace SCENARIO RUN [FOLDER OPTIONS…], the folder for runs that options change
  local folder=$traces${3:+/$3}
  local file=$folder/$1.$2.seed1.db
  if [ ! -e "$file" ]; then
    # A run whose expectations do not hold shows as much.
    "$build/elblab" run "$1" --run "$2" --seed 1 --seeds 1 -q -o "$folder" "${@:4}" >/dev/null ||
      [ -e "$file" ]
  fi
  echo "$file"
}

picture() {  # picture NAME VIEW SIZE ARGS…
  local file=$pictures/$1.png
  "$build/elblab-gui" --export "$2" --size "$3" -o "$file" "${@:4}"
  python3 scripts/small_png.py "$file"
  local bytes
  bytes=$(stat -c %s "$file")
  if [ "$bytes" -gt "$most_bytes" ]; then
    echo "screenshots: $file has $bytes bytes, more than $most_bytes: make it smaller" >&2
    exit 1
  fi
  echo "  $file  $((bytes / 1000)) kB"
}

ports=$(trace TW-01 symptom)
reuse=$(trace TW-01 remedy)
queue=$(trace ST-05 overflow)
cpus=$(trace ST-01 overload)
weights=$(trace IMB-07 equal)
weighted=$(trace IMB-07 weighted)
clients=$(trace IMB-07 weighted clients --set hosts.c1.addresses=8)

picture window window 1280x800 "$ports"
picture window-dark window 1280x800 "$ports" --theme dark
picture timeseries timeseries 1000x520 "$ports"
picture compared timeseries 1000x520 "$ports" "$reuse"
picture overview overview 760x560 "$ports"
picture diagnosis diagnosis 520x760 "$ports"
picture occupancy occupancy 900x420 "$ports"
picture connections connections 1000x360 "$ports"
picture ladder ladder 820x560 "$queue"
picture latency latency 800x440 "$cpus"
picture distribution distribution 900x420 "$weighted" "$weights"
picture heatmap heatmap 620x280 "$clients"
