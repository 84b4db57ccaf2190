#!/usr/bin/env bash
# Installs what the project is built and tested with on Debian 12; running it
# again changes nothing. Needs root or sudo for the packages.
#
#   scripts/setup.sh [--build-only]    without the Python environment for tests
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
"" | --build-only) ;;
*) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac

packages=(g++ patch cmake ninja-build ccache python3 python3-venv
  llvm-22-dev libmlir-22-dev mlir-22-tools llvm-22-tools
  clang-22 lld-22 clang-format-22 clang-tidy-22 libclang-rt-22-dev
  libdnnl-dev libboost-context-dev libdlpack-dev libgtest-dev libgmock-dev
  libsqlite3-dev spirv-tools)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
    grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  echo "setup: installing ${missing[*]}"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ "${1:-}" != --build-only ]; then
  [ -x .venv/bin/python ] || python3 -m venv .venv
  # PyTorch is the peer that results are compared with; the CPU build is enough.
  .venv/bin/python -c 'import torch, numpy, safetensors, pytest' 2>/dev/null ||
    .venv/bin/pip install -q torch==2.13.0 numpy safetensors pytest
fi
echo "setup: done"
