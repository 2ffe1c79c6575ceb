#!/usr/bin/env bash
# Looks at pages of nn/plot/attention_page.h in a real browser: Chromium, headless, driven through chromedriver, both from
# Debian, installed where they are missing. Points, clicks, types, and compares what stands there with what was written.
#   scripts/browser.sh [--screenshots DIR]    with pictures of the pages, in light and dark
#   HEED_TESTS=PROGRAM                        the test program; default: build/release/tests/heed_tests
# Exit status: 0 the pages are as they must be, 1 one is not, 2 it could not be run.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath -m "${HEED_TESTS:-build/release/tests/heed_tests}")
[ -x "$program" ] || { echo "browser.sh: no test program at $program (./run test builds it)" >&2; exit 2; }
if ! command -v chromedriver >/dev/null; then
  [ "$(id -u)" = 0 ] && as_root=() || as_root=(sudo)
  "${as_root[@]}" apt-get install -y --no-install-recommends chromium chromium-driver fonts-dejavu >&2 || exit 2
fi
command -v python3 >/dev/null || { echo "browser.sh: no python3" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && "$program" "[write-pages]" >log) || { cat "$folder/log" >&2; exit 2; }
python3 tests/nn/plot/attention_page_browser.py "$folder/heed-pages" "$@"
