#!/usr/bin/env python3
"""Writes what vit-block.mlir is run on: block.safetensors and image.npy.

    python examples/vit-block/make_weights.py build/vit-block

The weights are random, the same on every machine for the same seed. Those of
the norms are spread so that the dynamic part of SeeDNorm is large in every row.
"""

import argparse
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
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


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


# What PNG subtracts from a byte, by the number before the row.
FILTERS = [lambda left, up, corner: 0, lambda left, up, corner: left,
           lambda left, up, corner: up, lambda left, up, corner: (left + up) // 2,
           paeth]


def read_png(path):
    """[height, width, 3] bytes of a plain PNG; saves a dependency."""
    data, at, chunks = path.read_bytes(), 8, {}
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        chunks[kind] = chunks.get(kind, b"") + data[at + 8 : at + 8 + size]
        at += 12 + size
    width, height, *form = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if form != [8, 2, 0, 0, 0]:
        sys.exit(f"{path}: 8-bit RGB without interlacing is expected")
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8)
    lines = lines.reshape(height, 1 + 3 * width).tolist()
    rows = [[0] * (3 + 3 * width)]
    for kind, *line in lines:
        row, above = [0, 0, 0], rows[-1]
        for i, value in enumerate(line):
            row.append((value + FILTERS[kind](row[i], above[i + 3], above[i])) % 256)
        rows.append(row)
    return np.array(rows[1:], np.uint8)[:, 3:].reshape(height, width, 3)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write (made if absent)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    save_file(make_weights(arguments.seed), arguments.folder / "block.safetensors")
    np.save(arguments.folder / "image.npy", read_png(HERE / "chelsea.png"))


if __name__ == "__main__":
    main()
