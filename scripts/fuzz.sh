#!/bin/sh
# Fuzzes the readers of .npy and .safetensors files: scripts/fuzz.sh [seconds for
# each, 60]. Builds only the fuzzers, in build-fuzz/; what they learn stays in
# build-fuzz/corpus/. Exits 1 on a crash, a leak, a hang or a broken invariant and
# leaves the input in build-fuzz/crashes/.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
case $seconds in
  '' | *[!0-9]* | 0) echo "usage: scripts/fuzz.sh [seconds, 1 or more]" >&2; exit 2 ;;
esac
build=build-fuzz
cmake --preset fuzz >/dev/null
cmake --build $build --target seednorm-fuzzers
python3 runtime/fuzz/make-corpus.py $build/seeds
mkdir -p $build/crashes
status=0
for format in npy safetensors; do
  case $format in
    npy) fuzzer=NpyFuzzer ;;
    safetensors) fuzzer=SafetensorsFuzzer ;;
  esac
  mkdir -p $build/corpus/$format
  log=$build/$format.log
  # -rss_limit_mb and -malloc_limit_mb: no input may make a reader allocate much.
  if $build/bin/$fuzzer -max_total_time="$seconds" -timeout=10 \
      -rss_limit_mb=1024 -malloc_limit_mb=256 -max_len=8192 \
      -dict=runtime/fuzz/$format.dict \
      -artifact_prefix=$build/crashes/$format- -print_final_stats=1 \
      $build/corpus/$format $build/seeds/$format >$log 2>&1; then
    echo "fuzz: $format: $(sed -n 's/^stat::number_of_executed_units: *//p' $log)" \
      "inputs in $seconds s, no defect"
  else
    tail -n 40 $log
    echo "fuzz: $format: FAILED, see $log and $build/crashes/"
    status=1
  fi
done
exit $status
