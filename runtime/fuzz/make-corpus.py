#!/usr/bin/env python3
"""Writes the seed corpora of the fuzzers: make-corpus.py FOLDER.

Small valid files and their most interesting broken relatives, from the standard
library alone, so that the fuzzers begin where the parsers have already accepted
something. Prints nothing; FOLDER/npy and FOLDER/safetensors are overwritten.
"""

import json
import pathlib
import struct
import sys

SIZES = {"<f8": 8, "<f4": 4, "<f2": 2, "<V2": 2, "<i8": 8, "<i4": 4, "<i2": 2,
         "|i1": 1, "|u1": 1, "|b1": 1, "bfloat16": 2}


def npy(descr, shape, data, order="False", version=1):
    header = f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + data


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def npy_files():
    for descr, size in SIZES.items():
        yield npy(descr, (2, 3), bytes(6 * size))
    for version in (2, 3):
        yield npy("<f4", (3,), bytes(12), version=version)
    yield npy("<f8", (2, 1, 3), bytes(48), order="True")
    yield npy("<f4", (), bytes(4))
    yield npy("<f4", (0, 4), b"")
    # Refused.
    yield npy("|O", (1,), bytes(8))
    yield npy(">f4", (1,), bytes(4))
    yield npy("<f4", (-1,), bytes(4))
    yield npy("<f4", (2**62,), b"")
    yield npy("<f4", (2**32, 2**32), b"")
    yield npy([("a", "<f4")], (1,), bytes(4))
    yield npy("|b1", (2,), b"\1\2")


def safetensors_files():
    def entry(dtype, shape, begin, end):
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    for dtype, size in (("F64", 8), ("F32", 4), ("BF16", 2), ("F16", 2), ("I64", 8),
                        ("I32", 4), ("I16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1)):
        yield safetensors({"x": entry(dtype, [1, 2], 0, 2 * size)}, bytes(2 * size))
    two = {"a": entry("I8", [3], 0, 3), "b": entry("F32", [1], 3, 7)}
    yield safetensors({"__metadata__": {"format": "pt", "é": "\n"}, **two}, bytes(7))
    yield safetensors({"empty": entry("F32", [0, 2], 0, 0), "s": entry("F64", [], 0, 8)}, bytes(8))
    yield safetensors({}, b"")
    # Refused.
    yield safetensors({"a": entry("I8", [4], 0, 4), "b": entry("I8", [4], 2, 6)}, bytes(6))
    yield safetensors({"a": entry("I8", [2], 2, 4)}, bytes(4))
    yield safetensors({"a": entry("I8", [2**62, 2**62], 0, 0)}, b"")
    yield safetensors({"a": entry("I8", [1], 0, 2**64 - 1)}, b"")
    yield safetensors(two, bytes(6))
    yield struct.pack("<Q", 2**63) + b"{}"


def main():
    for name, files in (("npy", npy_files()), ("safetensors", safetensors_files())):
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        for index, contents in enumerate(files):
            (folder / f"seed-{index:02}").write_bytes(contents)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
