"""build/lib/libseednorm_benchmark.so and libseednorm.so as Python sees them.

Must be loaded before PyTorch: the OpenMP runtime that is there first serves both.
"""

import ctypes
import os
from pathlib import Path

import numpy as np

from .dlpack import DLTensor

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("SEEDNORM_BUILD_DIR", ROOT / "build"))


class DLManagedTensor(ctypes.Structure):
    pass


Deleter = ctypes.CFUNCTYPE(None, ctypes.POINTER(DLManagedTensor))
DLManagedTensor._fields_ = [("tensor", DLTensor), ("context", ctypes.c_void_p),
                            ("deleter", Deleter)]


def load():
    """The two libraries, declared."""
    seednorm = ctypes.CDLL(str(BUILD / "lib/libseednorm.so"))
    bench = ctypes.CDLL(str(BUILD / "lib/libseednorm_benchmark.so"))
    pointer, text, i32, i64 = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int64
    for library, name, result, arguments in (
            (seednorm, "seednorm_version", text, []),
            (seednorm, "seednorm_last_error", text, []),
            (seednorm, "seednorm_set_num_threads", None, [i32]),
            (seednorm, "seednorm_compile", pointer, [text, ctypes.c_size_t, text]),
            (seednorm, "seednorm_close", None, [pointer]),
            (seednorm, "seednorm_run", ctypes.c_int,
             [pointer, text, pointer, ctypes.c_size_t, pointer, ctypes.c_size_t]),
            (bench, "bench_allocate", pointer, [i64, i32]),
            (bench, "bench_free", None, [pointer]),
            (bench, "bench_stream_name", text, [i32]),
            (bench, "bench_run_stream", ctypes.c_double,
             [i32, pointer, pointer, i64, i32, i64]),
            (bench, "bench_run_seednorm", ctypes.c_double,
             [pointer, text, pointer, i64, i64, i64]),
            (bench, "bench_onednn_create", pointer,
             [i32, i32, i64, i64, ctypes.c_float, pointer]),
            (bench, "bench_onednn_run", ctypes.c_double, [pointer, i64]),
            (bench, "bench_onednn_destroy", None, [pointer]),
            (bench, "bench_onednn_error", text, []),
            (bench, "bench_onednn_version", text, [])):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return seednorm, bench


seednorm, bench = load()


def allocate(shape, dtype, pages="huge"):
    """An array of zeros in memory of its own, which stays until the process ends."""
    bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    address = bench.bench_allocate(bytes, pages == "huge")
    if not address:
        raise MemoryError(f"no memory for an array of {bytes} bytes")
    buffer = (ctypes.c_char * bytes).from_address(address)
    return np.frombuffer(buffer, dtype).reshape(shape)


# Set before the inputs are made.
input_pages = "huge"


def allocate_input(shape, dtype):
    return allocate(shape, dtype, input_pages)


def pointers(arrays):
    """A C array of addresses; None is null."""
    return (ctypes.c_void_p * len(arrays))(
        *(None if a is None else a.ctypes.data for a in arrays))


def describe(array):
    """A DLTensor of an array (uint16: bf16), which must outlive it."""
    code = 4 if array.dtype == np.uint16 else 2
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    return DLTensor(array.ctypes.data, 1, 0, array.ndim, code, 8 * array.itemsize, 1,
                    shape, None, 0)


def copy_result(managed):
    """The result as an array of its own; releases the original."""
    tensor = managed.contents.tensor
    shape = [tensor.shape[i] for i in range(tensor.ndim)]
    dtype = np.uint16 if tensor.code == 4 else np.dtype(f"f{tensor.bits // 8}")
    bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = (ctypes.c_char * bytes).from_address(tensor.data + tensor.byte_offset)
    array = np.frombuffer(raw, dtype).reshape(shape).copy()
    managed.contents.deleter(managed)
    return array
