#!/usr/bin/env bash
# Sets up, builds and runs every test, and closes with their counts:
#
#   scripts/test.sh [release|sanitize]
set -uo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
case "$preset" in
release) build=build ;;
sanitize) build=build-sanitize ;;
*) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
scripts/setup.sh || exit 1
scripts/build.sh "$preset" || exit 1

# LLVM's libraries are not instrumented and do not unpoison what our copies of
# its allocators' inline functions poison.
[ "$preset" != sanitize ] || export ASAN_OPTIONS=allow_user_poisoning=0

passed=0 failed=0
# count NAME PASSED FAILED STATUS: a suite that dies without a failure is one.
count() {
  local bad=$3
  [ "$4" = 0 ] || [ "$bad" != 0 ] || bad=1
  echo "test.sh: $1: $2 passed, $bad failed"
  passed=$((passed + $2)) failed=$((failed + bad))
}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# What the user has measured changes no test.
export SEEDNORM_TUNING_DB=$results/no-tuning.db

/usr/lib/llvm-22/bin/lit -sv -j2 --xunit-xml-output="$results/lit.xml" "$build/test"
status=$?
read -r total bad < <(python3 - "$results/lit.xml" <<'P'
import sys, xml.etree.ElementTree as tree
suites = list(tree.parse(sys.argv[1]).getroot().iter("testsuite"))
print(sum(int(s.get("tests")) - int(s.get("skipped", 0)) for s in suites),
      sum(int(s.get("failures")) for s in suites))
P
)
count lit $((total - bad)) "$bad" $status

shopt -s globstar
for test in "$build"/test/unit/**/*Tests; do
  [ -x "$test" ] || continue
  name=$(basename "$test")
  "$test" --gtest_brief=1 --gtest_output="json:$results/$name.json"
  status=$?
  read -r total bad < <(python3 -c '
import json, sys
r = json.load(open(sys.argv[1])); print(r["tests"], r["failures"])' \
    "$results/$name.json" || echo 0 1)
  count "$name" $((total - bad)) "$bad" $status
done

# Python loads our libraries, so a sanitizer must be there first; what Python
# itself leaves allocated is not our leak.
preload=()
[ "$preset" != sanitize ] || preload=(ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
  LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)")
env SEEDNORM_BUILD_DIR="$PWD/$build" "${preload[@]}" .venv/bin/python -m pytest -q \
  test/python --junitxml="$results/pytest.xml"
status=$?
read -r total bad < <(python3 - "$results/pytest.xml" <<'P'
import sys, xml.etree.ElementTree as tree
s = next(tree.parse(sys.argv[1]).getroot().iter("testsuite"))
print(int(s.get("tests")) - int(s.get("skipped")),
      int(s.get("failures")) + int(s.get("errors")))
P
)
count pytest $((total - bad)) "$bad" $status

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
