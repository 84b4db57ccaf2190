#!/usr/bin/env bash
# Measures our kernels against streams, libraries and frameworks: see --help.
# Builds what it needs (--no-build: does not); installs nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
python=$root/.venv/bin/python
[ -x "$python" ] || python=python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
  echo "benchmark: $python has no numpy; scripts/setup.sh makes an environment with it" >&2
  exit 1
fi
build=1
for argument in "$@"; do
  case "$argument" in
  -h | --help | --list | --no-build | --from*) build=0 ;;
  esac
done
[ "$build" = 0 ] || "$root/scripts/build.sh" release seednorm seednorm_benchmark
PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH} exec "$python" -m benchmark "$@"
