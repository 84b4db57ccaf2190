"""Compiles model IR and calls its entries from NumPy, for tests.

The module goes through seednorm-opt, mlir-translate and clang into a shared
library, which is called by the ABI that include/seednorm/Runtime/RuntimeABI.h
describes: nothing of our runtime but the functions that compiled code needs is
in between.
"""

import ctypes
import hashlib
import os
import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("SEEDNORM_BUILD_DIR", ROOT / "build"))
LLVM = Path("/usr/lib/llvm-22/bin")


class Compiled:
    def __init__(self, text, folder):
        name = Path(folder) / hashlib.sha256(text.encode()).hexdigest()[:16]
        ctypes.CDLL(str(BUILD / "lib/libseednorm_rt.so"), mode=ctypes.RTLD_GLOBAL)
        if not name.with_suffix(".so").exists():
            lowered = run([BUILD / "bin/seednorm-opt", "--seednorm-cpu-pipeline"], text)
            ir = run([LLVM / "mlir-translate", "--mlir-to-llvmir"], lowered)
            run([LLVM / "clang", "-x", "ir", "-", "-O2", "-march=native", "-fPIC",
                 "-shared", "-Wno-override-module", "-o", name.with_suffix(".so"),
                 "-lm"], ir)
        self.library = ctypes.CDLL(str(name.with_suffix(".so")))

    def __call__(self, entry, arguments, results):
        """`results` gives (rank, dtype) of each; returns copies of them."""
        copies = []
        self.visit(entry, arguments, results, lambda array: copies.append(array.copy()))
        return copies

    def visit(self, entry, arguments, results, visitor):
        """Calls the visitor with each result, whose memory goes afterwards."""
        size = sum(3 + 2 * rank for rank, _ in results)
        returned = (ctypes.c_int64 * size)()
        descriptors = [describe(a) for a in arguments]
        pointers = [ctypes.addressof(returned)] if results else []
        pointers += [ctypes.addressof(d) for d in descriptors]
        function = getattr(self.library, "_mlir_ciface_" + entry)
        function.restype = None
        function(*map(ctypes.c_void_p, pointers))
        visit_results(returned, results, visitor)


def run(command, text):
    done = subprocess.run([str(c) for c in command], input=text, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr[:4000]
    return done.stdout


def describe(array):
    """The memref descriptor of a NumPy array."""
    rank = array.ndim
    descriptor = (ctypes.c_int64 * (3 + 2 * rank))()
    descriptor[0] = descriptor[1] = array.ctypes.data
    for i in range(rank):
        descriptor[3 + i] = array.shape[i]
        descriptor[3 + rank + i] = array.strides[i] // array.itemsize
    return descriptor


def visit_results(returned, results, visitor):
    free = ctypes.CDLL(str(BUILD / "lib/libseednorm_rt.so"))._mlir_memref_to_llvm_free
    at = 0
    for rank, dtype in results:
        allocated, aligned, offset = returned[at], returned[at + 1], returned[at + 2]
        shape = returned[at + 3 : at + 3 + rank]
        strides = returned[at + 3 + rank : at + 3 + 2 * rank]
        at += 3 + 2 * rank
        item = np.dtype(dtype).itemsize
        if 0 in shape:
            array = np.zeros(shape, dtype)
        else:
            span = sum((n - 1) * s for n, s in zip(shape, strides)) + 1
            raw = (ctypes.c_char * (span * item)).from_address(aligned + offset * item)
            array = np.lib.stride_tricks.as_strided(
                np.frombuffer(raw, dtype), shape, [s * item for s in strides])
        visitor(array)
        free(ctypes.c_void_p(allocated))
