#!/usr/bin/env bash
# Compiles the ViT-B block, runs it on the image and compares the result with
# PyTorch's; exit code 1 if they differ. Makes what it needs: the tools, the
# Python environment and the weights (31 MB, in build/vit-block).
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/setup.sh
scripts/build.sh release seednorm-run
folder=build/vit-block
python=.venv/bin/python
here=examples/vit-block
[ -f "$folder/image.npy" ] || $python $here/make_weights.py "$folder"
build/bin/seednorm-run $here/vit-block.mlir --weights="$folder/block.safetensors" \
  --inputs="$folder/image.npy" --outputs="$folder/out.npy" --report --benchmark=20
$python $here/reference.py "$folder" --compare "$folder/out.npy"
