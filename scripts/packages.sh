#!/usr/bin/env bash
# Installs those Debian or Ubuntu packages heed is built with that are missing; touches nothing when none is.
#   scripts/packages.sh [bench]       with bench: Google Benchmark too
# Exit status: 0 all is there, 2 something is missing and could not be installed.
set -euo pipefail

say() { echo "heed: $*" >&2; }

tools=(c++:g++ cmake:cmake ninja:ninja-build pkg-config:pkg-config)  # command:package, for they may come from elsewhere
libraries=(libtbb-dev libhwy-dev libfmt-dev nlohmann-json3-dev libutf8proc-dev zlib1g-dev libcli11-dev libsentencepiece-dev
  catch2)
[ "${1:-}" != bench ] || libraries+=(libbenchmark-dev)
# Either will do; else the first is installed. Not libopenblas-serial-dev: it is built without locks, so that heed has to call
# it from one thread at a time. Beside one of these it is not the default.
blas=(libopenblas-pthread-dev libopenblas-openmp-dev)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "no apt here; these must be installed by hand: ${tools[*]#*:} ${libraries[*]} ${blas[0]}"
  exit 0
fi

installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "${libraries[@]}" "${blas[@]}" 2>/dev/null || true)"
has() { [[ $installed == *" installed:$1 "* ]]; }

missing=()
for tool in "${tools[@]}"; do
  command -v "${tool%:*}" >/dev/null || missing+=("${tool#*:}")
done
for library in "${libraries[@]}"; do
  has "$library" || missing+=("$library")
done
has "${blas[0]}" || has "${blas[1]}" || missing+=("${blas[0]}")
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    say "missing packages, and neither root nor sudo to install them. As root:"
    say "  apt-get update && $install"
    exit 2
  fi
  as_root=(sudo)
fi

say "installing ${missing[*]}; this may take minutes"
log=$(mktemp)
# A word every half minute: the last line that apt wrote.
while sleep 30 <&- >&- 2>&-; do say "still installing: $(tail -n 1 "$log")"; done &
trap 'kill $!; rm -f "$log"' EXIT
quietly() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null >>"$log" 2>&1; }
# An update may fail for a source that has none of these packages: the install decides.
quietly apt-get update || true
if ! quietly apt-get -o DPkg::Lock::Timeout=300 ${install#apt-get }; then
  cat "$log" >&2
  say "could not install what is missing. The command was: $install"
  exit 2
fi
