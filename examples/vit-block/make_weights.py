#!/usr/bin/env python3
"""Writes what vit-block.mlir is run on: block.safetensors and image.npy.

    python examples/vit-block/make_weights.py build/vit-block

The weights are random, the same on every machine for the same seed. Those of
the norms are spread so that the dynamic part of SeeDNorm is large in every row.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from export import HERE, Config, parameter_shapes

# Mean and standard deviation; all others: zero and 1 / sqrt(number of columns).
SPREADS = {"alpha": (1.0, 0.2), "beta": (0.0, 2.0), "gamma": (1.0, 0.2),
           "bias": (0.0, 0.02), "cls": (0.0, 0.5), "position": (0.0, 0.5)}


def make_weights(seed):
    generator = np.random.Generator(np.random.PCG64(seed))
    weights = {}
    for name, shape in parameter_shapes(Config()).items():
        mean, spread = SPREADS.get(name.split(".")[-1], (0.0, shape[-1] ** -0.5))
        values = mean + spread * generator.standard_normal(shape)
        weights[name] = values.astype(np.float32)
    return weights


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write (made if absent)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    save_file(make_weights(arguments.seed), arguments.folder / "block.safetensors")
    image = Image.open(HERE / "chelsea.png").convert("RGB")
    np.save(arguments.folder / "image.npy", np.asarray(image))


if __name__ == "__main__":
    main()
