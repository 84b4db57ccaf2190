#!/usr/bin/env python3
"""Writes the kernels' binary that a compiled module has inside to the file
given, or to standard output: kernel-binary.py [file] < module.mlir"""
import re
import sys

text = sys.stdin.read()
found = re.search(r'@\w+_binary\("((?:[^"\\]|\\.)*)"\)', text)
if not found:
    sys.exit("the module has no kernels' binary")
# What MLIR writes as two hexadecimal digits, or as itself.
data = re.sub(rb'\\([0-9A-Fa-f]{2}|.)',
              lambda m: bytes([int(m[1], 16)]) if len(m[1]) == 2 else m[1],
              found[1].encode("latin-1"), flags=re.S)
if len(sys.argv) > 1:
    with open(sys.argv[1], "wb") as file:
        file.write(data)
else:
    sys.stdout.buffer.write(data.rstrip(b"\0"))
