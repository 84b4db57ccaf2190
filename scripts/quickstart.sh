#!/usr/bin/env bash
# Sets up a fresh Debian 12 machine, builds, and runs the main job: compiles a
# small language model, checks it against PyTorch's results and lets it write.
# Exit code 0 means that everything agrees.
#
#   scripts/quickstart.sh [option of build/bin/tiny-lm…]
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
-h) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
echo "quickstart: 1/3 installing packages"
scripts/setup.sh --build-only
echo "quickstart: 2/3 building (some minutes the first time)"
scripts/build.sh release tiny-lm seednorm-opt seednorm-run
echo "quickstart: 3/3 compiling and running examples/tiny-lm"
status=0
build/bin/tiny-lm "$@" || status=$?
[ "$status" != 0 ] || cat <<'T'

Next:
  build/bin/tiny-lm --prompt="The copyright holder"      let it continue your text
  build/bin/seednorm-opt --seednorm-row-programs examples/tiny-lm/tiny-lm.mlir
                                                         see its fused row programs
  examples/vit-block/run.sh                              a vision transformer's block
  build/bin/seednorm-run --help                          run a model of your own
T
exit $status
