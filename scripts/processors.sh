#!/usr/bin/env bash
# Runs the test program as other processors would: under every set of OpenBLAS's kernels and every vector instruction set of
# heed's own that this processor can execute. As many runs at once as there are processors. By default the best instruction
# set runs the operations with 1, 2 and 3 threads, every other and each set of OpenBLAS's kernels with one of these numbers in
# turn, and the kernels, which know no threads, run once with each; otherwise everything with all three.
#   scripts/processors.sh [--all | FILTER]   FILTER: a test's name or [tags]; default: what depends on the one or the other;
#                                            --all: every test (long)
#   HEED_TESTS=PROGRAM                       the test program; default: build/release/tests/heed_tests
# One line per combination. Exit status: 0 all passed, 1 a test failed, 2 it could not be run.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath -m "${HEED_TESTS:-build/release/tests/heed_tests}")
filter=${1:-}
[ "$filter" != --all ] || filter='~[.]'
of_blas=${filter:-"[matmul],[blas],[tensor][product]"}
of_operations=${filter:-"[matmul],[product],[elementwise],[reduce],[softmax],[additive_score],[attention],[slopes],[rnn],[lstm],[gru],[sequences],[optim],[ema],[long_sums],[activation],[losses],[cross_entropy],[layer_norm],[rms_norm],[embedding],[init]"}
[ -x "$program" ] || { echo "processors.sh: no test program at $program (./run test builds it)" >&2; exit 2; }
cd "$(dirname "$program")"

flags=" $(awk -F: '/^(flags|Features)/ {print $2; exit}' /proc/cpuinfo) "
has() { local flag; for flag in "$@"; do [[ $flags == *" $flag "* ]] || return 1; done; }

# What each set of OpenBLAS's kernels needs. Left out: those for 32 bits.
cores=()
can_run() { local core=$1; shift; ! has "$@" || cores+=("$core"); }
case $(uname -m) in
  x86_64)
    can_run Prescott pni
    can_run Core2 ssse3
    can_run Atom ssse3
    can_run Nano ssse3
    can_run Penryn sse4_1
    can_run Dunnington sse4_1
    can_run Nehalem sse4_2
    can_run Opteron 3dnow
    can_run Opteron_SSE3 3dnow pni
    can_run Barcelona pni
    can_run Bobcat pni
    can_run Sandybridge avx
    can_run Bulldozer avx fma4
    can_run Piledriver avx fma4 fma
    can_run Steamroller avx fma4 fma
    can_run Excavator avx2 fma4 fma
    can_run Haswell avx2 fma
    can_run Zen avx2 fma
    can_run SkylakeX avx512f avx512bw avx512dq avx512vl
    can_run Cooperlake avx512f avx512bw avx512dq avx512vl avx512_bf16
    can_run SapphireRapids avx512f avx512bw avx512dq avx512vl avx512_bf16 amx_bf16 amx_tile
    ;;
  aarch64)
    can_run ARMV8 asimd
    can_run CORTEXA53 asimd
    can_run CORTEXA57 asimd
    can_run CORTEXA72 asimd
    can_run NEOVERSEN1 asimd
    can_run THUNDERX asimd
    can_run ARMV8SVE sve
    can_run NEOVERSEV1 sve
    can_run NEOVERSEN2 sve
    can_run A64FX sve
    ;;
esac

tested=0
results=$(mktemp -d)
trap 'jobs -p | xargs -r kill 2>/dev/null; rm -rf "$results"' EXIT

# what_runs NAME: the line NAME of what the program says of itself; nothing when it does not start.
what_runs() { { "$program" "[.processor]" 2>/dev/null || true; } | sed -n "s/^$1: //p"; }

if ! "$program" --help >/dev/null 2>&1; then
  echo "processors.sh: $program does not start" >&2
  exit 2
fi
# Catch2 2 calls a filter that matches nothing a success. A list of tags must have a test for each of them.
check_matches() {
  local filter filters=("$1")
  [[ $1 != \[* ]] || IFS=, read -ra filters <<<"$1"
  for filter in "${filters[@]}"; do
    if "$program" --list-tests "$filter" 2>/dev/null | grep -q '^0 matching'; then
      echo "processors.sh: no test matches: $filter" >&2
      exit 2
    fi
  done
}
check_matches "$of_blas"
check_matches "$of_operations"

failed() {  # what is read from standard input, as one piece
  touch "$results/failed"
  echo "$(cat)"
}

# run LABEL FILTER: the tests, in the environment at hand.
run() {
  local log=$results/$BASHPID start=$SECONDS status=0
  "$program" "$2" -r xml </dev/null >"$log" 2>"$log.errors" || status=$?
  if [ "$status" = 0 ]; then
    echo "$1: ok, $((SECONDS - start)) s"
    return
  fi
  {
    echo "$1: FAILED (exit status $status) in"
    awk '
      /<TestCase / {name = $0; sub(/.*<TestCase name="/, "", name); sub(/".*/, "", name); ended = 0}
      /<OverallResult / {ended = 1}
      /<OverallResult success="false"/ {print "    " name}
      END {if (!ended) print "    " name "  (the program ended in it)"}' "$log"
    head -n 3 "$log.errors" | sed 's/^/    /'
  } | failed
}

with_threads() {  # NUMBERS LABEL FILTER
  local threads
  for threads in $1; do
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
    HEED_TEST_THREADS=$threads run "$2, threads: $threads" "$3" &
  done
}

read -ra targets <<<"$(what_runs "simd targets")"
[ ${#targets[@]} -gt 0 ] || failed <<<"FAILED: this test program does not say what it runs on, nor can it limit its vector instructions"
if [[ $(what_runs blas) == OpenBLAS* ]]; then
  for core in "${cores[@]}"; do
    export OPENBLAS_CORETYPE=$core
    runs=$(what_runs blas | sed -n 's/.*(running \(.*\))$/\1/p')
    if [ -z "$runs" ]; then
      failed <<<"OpenBLAS $core: FAILED, the program does not start"
    elif [ "${runs,,}" != "${core,,}" ]; then
      echo "OpenBLAS $core: not in this library, which runs $runs instead"
    else
      tested=$((tested + 1)) threads=$((tested % 3 + 1))
      [ -z "$filter" ] || threads='1 2 3'
      with_threads "$threads" "OpenBLAS $core" "$of_blas"
    fi
  done
  unset OPENBLAS_CORETYPE
else
  echo "not OpenBLAS: the kernels of another library cannot be chosen"
fi
for target in "${targets[@]}"; do
  runs=$(HEED_TEST_SIMD=$target what_runs simd)
  if [ "$runs" != "$target" ]; then
    failed <<<"kernels $target: FAILED, '$runs' runs instead"
  elif [ -n "$filter" ]; then
    HEED_TEST_SIMD=$target with_threads '1 2 3' "instructions $target" "$filter"
  else
    HEED_TEST_SIMD=$target with_threads 1 "kernels $target" "[kernels]"
    threads='1 2 3'
    [ "$target" = "${targets[0]}" ] || { tested=$((tested + 1)) && threads=$((tested % 3 + 1)); }
    HEED_TEST_SIMD=$target with_threads "$threads" "operations $target" "${of_operations//,/~[kernels],}~[kernels]"
  fi
done
wait
[ ! -e "$results/failed" ] || exit 1
