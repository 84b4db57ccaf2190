#!/usr/bin/env bash
# Configures and builds a preset: scripts/build.sh [release|debug|sanitize|fuzz]
# [target…]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" ${*:+--target "$@"}
