"""Ours, through libseednorm's C interface: SeeDNorm and the same generator's RMSNorm.

"default" is what the cost model schedules, with tuning off; "tuned" what the tuning
database has to say. Both are compiled in the same process and never taken from a cache.
"""

import contextlib
import ctypes
import os
import tempfile

import numpy as np

from .. import native
from ..cases import EPS
from . import Contender, against

NAME = "SeeDNorm-MLIR"
MODES = {"default": "off", "tuned": "use"}
PARAMETERS = {"norm": ("alpha", "beta", "gamma"), "rms_norm": ("gamma",)}


@contextlib.contextmanager
def environment(**variables):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def source(case, operation, safe=False):
    """A model whose entry "f" is the case, with shapes that the compiler can see."""
    x = f"tensor<{case.rows}x{case.width}x{case.dtype}>"
    p, sums = f"tensor<{case.width}x{case.dtype}>", f"tensor<{case.width}xf32>"
    names = PARAMETERS[operation]
    arguments = ["%x: " + x] + (["%other: " + x] if case.direction != "forward" else [])
    arguments += [f"%{name}: {p}" for name in names]
    given = " ".join(f"{name}(%{name} : {p})" for name in names)
    attributes = f"{{eps = {EPS:.1e} : f64{', safe' if safe else ''}}}"
    if case.direction == "backward":
        types = ", ".join([x] + [sums] * len(names))
        body = f"""
          %dx = tensor.empty() : {x}
          %dp = tensor.empty() : {sums}
          %o:{1 + len(names)} = seednorm.{operation}_backward ins(%x : {x}) {given}
              grad(%other : {x}) outs({", ".join(["%dx"] + ["%dp"] * len(names))} : {types})
              {attributes} -> {types}
          return {", ".join(f"%o#{i}" for i in range(1 + len(names)))} : {types}"""
        return f"func.func @f({', '.join(arguments)}) -> ({types}) {{{body}}}"
    add, norm, result, types = "", "%x", "%y", x
    if case.direction == "residual":
        add = f"""
          %sum = tensor.empty() : {x}
          %h = linalg.add ins(%x, %other : {x}, {x}) outs(%sum : {x}) -> {x}"""
        norm, result, types = "%h", "%h, %y", f"{x}, {x}"
    return f"""func.func @f({', '.join(arguments)}) -> ({types}) {{{add}
          %init = tensor.empty() : {x}
          %y = seednorm.{operation} ins({norm} : {x}) {given} outs(%init : {x})
              {attributes} -> {x}
          return {result} : {types} }}"""


@contextlib.contextmanager
def stderr_into(lines):
    """What libraries write to stderr meanwhile."""
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read().decode(errors="replace").splitlines()


def compile_model(text, mode):
    """The module, and what the compiler says of its schedule."""
    data, said = text.encode(), []
    # Whatever the cache keeps, the database may say otherwise by now.
    with stderr_into(said), environment(SEEDNORM_TUNING_MODE=MODES[mode],
                                        SEEDNORM_PRINT_TUNING="1", SEEDNORM_CACHE="off"):
        module = native.seednorm.seednorm_compile(data, len(data), b"benchmark.mlir")
    if not module:
        raise RuntimeError(native.seednorm.seednorm_last_error().decode())
    return module, "\n".join(said)


def run(module, inputs, names, case):
    """(rows, gradients of parameters) as arrays."""
    sums = len(names) if case.direction == "backward" else 0
    count = sums + (2 if case.direction == "residual" else 1)
    results = (ctypes.POINTER(native.DLManagedTensor) * count)()
    if native.seednorm.seednorm_run(module, b"f", inputs, len(inputs), results, count):
        raise RuntimeError(native.seednorm.seednorm_last_error().decode())
    arrays = [native.copy_result(r) for r in results]
    return arrays[:count - sums], dict(zip(names, arrays[count - sums:]))


def make_contender(case, arrays, mode, operation="norm", safe=False):
    names = PARAMETERS[operation]
    rows = [arrays.x] + ([] if arrays.other is None else [arrays.other])
    described = [native.describe(a)
                 for a in rows + [getattr(arrays, name) for name in names]]
    inputs = (ctypes.POINTER(native.DLTensor) * len(described))(
        *map(ctypes.pointer, described))
    count = {"forward": 1, "backward": 1 + len(names), "residual": 2}[case.direction]
    module, note = compile_model(source(case, operation, safe), mode)

    def timed(repetitions):
        seconds = native.bench.bench_run_seednorm(module, b"f", inputs, len(inputs), count,
                                                  repetitions)
        if seconds < 0:
            raise RuntimeError(native.seednorm.seednorm_last_error().decode())
        return seconds

    computes = "SeeDNorm" if operation == "norm" else "RMSNorm"
    suffix = " safe" if safe else "" if operation == "norm" else " RMSNorm"
    return Contender(mode + suffix, computes, "relative" if suffix else "ours", timed,
                     against(computes, lambda: run(module, inputs, names, case)),
                     from_python=False, note=note)


def prepare(case, arrays):
    native.seednorm.seednorm_set_num_threads(case.threads)
    for mode in MODES:
        yield make_contender(case, arrays, mode)
    for mode in MODES:
        yield make_contender(case, arrays, mode, "rms_norm")
    if case.direction == "forward":
        yield make_contender(case, arrays, "default", safe=True)
