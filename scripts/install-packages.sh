#!/usr/bin/env bash
# Installs what is missing, and only that, of the Debian packages a task needs.
#
#   scripts/install-packages.sh run [test] [bench] [format] [lint] [fuzz] [gui] [gui-test]
#
# run: to build elblab and run it; the other tasks come on top of it.
# Silent when everything is there. Not root: asks sudo once. A package that can be done
# without (tests skip, and say so) is tried and reported, never fatal.
set -euo pipefail

run=(g++ cmake ninja-build libns3-dev libsqlite3-dev libyaml-cpp-dev libcli11-dev
     nlohmann-json3-dev libfmt-dev libpcap-dev libexpected-dev
     zlib1g-dev libzstd-dev)
run_optional=(ccache lld)
test_needed=(libboost-test-dev iproute2)
test_optional=(tshark libxml2-utils python3-jsonschema nginx libnginx-mod-stream haproxy)
bench=(libbenchmark-dev python3)
format=(clang-format)
lint=(clang-tidy)
fuzz=(clang libclang-rt-14-dev)
gui=(qt6-base-dev libqt6opengl6-dev qt6-charts-dev qt6-svg-dev libgl-dev)
gui_test_optional=(xvfb xauth)

needed=()
optional=()
for task in "$@"; do
  case "$task" in
    run) needed+=("${run[@]}") optional+=("${run_optional[@]}") ;;
    test) needed+=("${test_needed[@]}") optional+=("${test_optional[@]}") ;;
    bench) needed+=("${bench[@]}") ;;
    format) needed+=("${format[@]}") ;;
    lint) needed+=("${lint[@]}") ;;
    fuzz) needed+=("${fuzz[@]}") ;;
    gui) needed+=("${gui[@]}") ;;
    gui-test) needed+=("${gui[@]}") optional+=("${gui_test_optional[@]}") ;;
    *) echo "install-packages: unknown task '$task' (run, test, bench, format, lint, fuzz, gui, gui-test)" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-packages: this is not a Debian system; please provide yourself: ${needed[*]}" >&2
  exit 0  # the configure step names what it misses
fi

missing_of() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}
mapfile -t missing < <(missing_of "${needed[@]}")
mapfile -t missing_optional < <(missing_of "${optional[@]}")
[ ${#missing[@]} -eq 0 ] && [ ${#missing_optional[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    [ ${#missing[@]} -eq 0 ] && exit 0
    echo "install-packages: missing: ${missing[*]}" >&2
    echo "Neither root nor sudo here. As root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

mkdir -p build
log=build/install.log
: >"$log"
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1
}
# One transaction; the lists may be empty or stale on a fresh machine, so update when it fails.
install() { apt install --no-install-recommends "$@" || { apt update && apt install --no-install-recommends "$@"; }; }

# Packages of servers start them, and again with the machine; the tests start their own.
stop_new_servers() {
  local server
  for server in nginx haproxy; do
    [[ " ${missing_optional[*]} " == *" $server "* ]] || continue
    "${as_root[@]}" invoke-rc.d "$server" stop >>"$log" 2>&1 || true
    "${as_root[@]}" update-rc.d "$server" disable >>"$log" 2>&1 || true
  done
}

echo "installing: ${missing[*]} ${missing_optional[*]}"
[ ${#as_root[@]} -eq 0 ] || sudo -v
if install "${missing[@]}" "${missing_optional[@]}"; then
  stop_new_servers
  exit 0
fi
if [ ${#missing[@]} -gt 0 ] && ! install "${missing[@]}"; then
  tail -n 15 "$log" >&2
  echo "install-packages: apt-get could not install: ${missing[*]} (full log: $log)" >&2
  exit 1
fi
for package in "${missing_optional[@]}"; do
  install "$package" || echo "  not available, going on without: $package"
done
stop_new_servers
