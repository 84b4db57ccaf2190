#!/usr/bin/env python3
"""A training step of SeeDNorm against PyTorch, forward and backward together.

Ours is seednorm.norm with its statistics saved and seednorm.norm_backward, which
gives dx and the gradients of alpha, beta and gamma, compiled and called through
libseednorm's C interface. PyTorch runs the plain formula eagerly and by
torch.compile, with autograd. All are timed in one process, interleaved in a
random order, after their results were compared. The table shows medians and how
many times as long as ours PyTorch takes.

  .venv/bin/python benchmark/training.py --widths 768 --threads 1 --json out.json
"""

import argparse
import ctypes
import json
import math
import os
import random
import statistics
import sys
import time
from pathlib import Path

import torch

from dlpack import DLTensor

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("SEEDNORM_BUILD_DIR", ROOT / "build"))
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}
EPS = 1e-6


#===-----------------------------------------------------------------------===#
# Ours
#===-----------------------------------------------------------------------===#

def describe(tensor):
    """A DLTensor of a row-major tensor on the CPU, which must outlive it."""
    code = 4 if tensor.dtype == torch.bfloat16 else 2
    shape = (ctypes.c_int64 * tensor.dim())(*tensor.shape)
    return DLTensor(tensor.data_ptr(), 1, 0, tensor.dim(), code,
                    8 * tensor.element_size(), 1, shape, None, 0)


class Module:
    """A model compiled by libseednorm; results share its memory."""

    library = None

    def __init__(self, source):
        if Module.library is None:
            library = Module.library = ctypes.CDLL(str(BUILD / "lib/libseednorm.so"))
            library.seednorm_last_error.restype = ctypes.c_char_p
            library.seednorm_compile.restype = ctypes.c_void_p
            library.seednorm_compile.argtypes = [ctypes.c_char_p, ctypes.c_size_t,
                                                 ctypes.c_char_p]
        text = source.encode()
        self.module = self.library.seednorm_compile(text, len(text), b"training.mlir")
        if not self.module:
            sys.exit(self.library.seednorm_last_error().decode())
        self.capsule = ctypes.pythonapi.PyCapsule_New
        self.capsule.restype = ctypes.py_object
        self.capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]

    def __call__(self, entry, inputs, count):
        described = [describe(t) for t in inputs]
        pointers = (ctypes.POINTER(DLTensor) * len(inputs))(*map(ctypes.pointer, described))
        results = (ctypes.c_void_p * count)()
        if self.library.seednorm_run(ctypes.c_void_p(self.module), entry.encode(),
                                     pointers, ctypes.c_size_t(len(inputs)), results,
                                     ctypes.c_size_t(count)):
            sys.exit(self.library.seednorm_last_error().decode())
        return [torch.from_dlpack(self.capsule(r, b"dltensor", None)) for r in results]

    def set_threads(self, count):
        self.library.seednorm_set_num_threads(ctypes.c_int32(count))


def source(width, dtype):
    x, p = f"tensor<?x{width}x{dtype}>", f"tensor<{width}x{dtype}>"
    s, sums = "tensor<?x1xf32>", f"tensor<{width}xf32>"
    parameters = f"alpha(%a : {p}) beta(%b : {p}) gamma(%g : {p})"
    return f"""
      func.func @forward(%x: {x}, %a: {p}, %b: {p}, %g: {p}) -> ({x}, {s}, {s}) {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : {x}
        %y = tensor.empty(%n) : {x}
        %r = tensor.empty(%n) : {s}
        %o:3 = seednorm.norm ins(%x : {x}) {parameters} outs(%y, %r, %r : {x}, {s}, {s})
            {{eps = {EPS:.1e} : f64}} -> {x}, {s}, {s}
        return %o#0, %o#1, %o#2 : {x}, {s}, {s}
      }}
      func.func @backward(%x: {x}, %a: {p}, %b: {p}, %g: {p}, %dy: {x}, %r: {s}, %s: {s})
          -> ({x}, {sums}, {sums}, {sums}) {{
        %c0 = arith.constant 0 : index
        %n = tensor.dim %x, %c0 : {x}
        %dx = tensor.empty(%n) : {x}
        %dp = tensor.empty() : {sums}
        %o:4 = seednorm.norm_backward ins(%x : {x}) {parameters} grad(%dy : {x})
            statistics(%r, %s : {s}, {s}) outs(%dx, %dp, %dp, %dp : {x}, {sums}, {sums}, {sums})
            {{eps = {EPS:.1e} : f64}} -> {x}, {sums}, {sums}, {sums}
        return %o#0, %o#1, %o#2, %o#3 : {x}, {sums}, {sums}, {sums}
      }}"""


#===-----------------------------------------------------------------------===#
# PyTorch's
#===-----------------------------------------------------------------------===#

def formula(x, alpha, beta, gamma):
    """In f32 inside, as norms are written for bf16."""
    wide = x.float()
    r = torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPS)
    s = torch.tanh((wide * beta.float()).sum(-1, keepdim=True))
    return ((s * alpha.float() + gamma.float()) * wide * r).to(x.dtype)


def torch_step(function):
    def step(x, parameters, dy):
        leaves = [t.detach().requires_grad_() for t in (x, *parameters)]
        y = function(*leaves)
        return [y.detach(), *torch.autograd.grad(y, leaves, dy)]
    return step


#===-----------------------------------------------------------------------===#
# Measuring
#===-----------------------------------------------------------------------===#

def make_contenders(width, dtype):
    module = Module(source(width, dtype))

    def ours(x, parameters, dy):
        y, r, s = module("forward", [x, *parameters], 3)
        return [y, *module("backward", [x, *parameters, dy, r, s], 4)]

    torch._dynamo.reset()
    return module, {"ours": ours, "eager": torch_step(formula),
                    "compiled": torch_step(torch.compile(formula, dynamic=False))}


def check(contenders, arguments, dtype):
    """Also warms everything up."""
    results = {name: step(*arguments) for name, step in contenders.items()}
    # A bf16 sum over many rows is not what PyTorch's gradients are rounded from.
    tolerance = 1e-3 if dtype == "f32" else 3e-2
    for name, expected in results.items():
        for a, b in zip(results["ours"], expected):
            error = ((a.float() - b.float()).abs().max() / b.float().abs().max()).item()
            if not error <= tolerance:
                sys.exit(f"ours and {name} differ by {error}")


def measure(contenders, arguments, repetitions):
    seconds = {name: [] for name in contenders}
    for _ in range(repetitions):
        for name in random.sample(list(contenders), len(contenders)):
            time.sleep(0.02)  # until the threads of the one before rest
            start = time.perf_counter()
            results = contenders[name](*arguments)
            seconds[name].append(time.perf_counter() - start)
            del results
    return seconds


def run(options):
    print("dtype      D  threads    ours ms   eager ms  compiled ms  eager/ours  compiled/ours")
    records = []
    for dtype in options.dtypes:
        for width in options.widths:
            rows = options.elements // width
            generator = torch.Generator().manual_seed(width)
            x, dy = (torch.randn(rows, width, generator=generator).to(DTYPES[dtype])
                     for _ in range(2))
            parameters = [(torch.randn(width, generator=generator) * scale).to(DTYPES[dtype])
                          for scale in (1, width**-0.5, 1)]
            for threads in options.threads:
                torch.set_num_threads(threads)
                module, contenders = make_contenders(width, dtype)
                module.set_threads(threads)
                check(contenders, (x, parameters, dy), dtype)
                seconds = measure(contenders, (x, parameters, dy), options.repetitions)
                median = {n: statistics.median(s) for n, s in seconds.items()}
                ratios = {n: median[n] / median["ours"] for n in ("eager", "compiled")}
                records.append({"dtype": dtype, "width": width, "rows": rows,
                                "threads": threads, "seconds": seconds,
                                "median": median, "ratio": ratios})
                print(f"{dtype:5} {width:6} {threads:8} {median['ours'] * 1e3:10.1f} "
                      f"{median['eager'] * 1e3:10.1f} {median['compiled'] * 1e3:12.1f} "
                      f"{ratios['eager']:11.2f} {ratios['compiled']:14.2f}", flush=True)
    for name in ("eager", "compiled"):
        ratios = [record["ratio"][name] for record in records]
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        print(f"{name}/ours: geometric mean {mean:.2f}, least {min(ratios):.2f}")
    if options.json:
        document = {"torch": torch.__version__, "elements": options.elements,
                    "repetitions": options.repetitions, "records": records}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def at_least(least):
    def parse(text):
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {value}")
        return value
    return parse


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--elements", type=at_least(1), default=32 << 20, metavar="N",
                        help="elements of x: rows times D (default: 32 Mi)")
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES),
                        help="element types (default: all)")
    parser.add_argument("--widths", nargs="+", type=at_least(1), metavar="D",
                        default=[768, 2048, 4096],
                        help="lengths of a row (default: 768 2048 4096)")
    parser.add_argument("--threads", nargs="+", type=at_least(1), metavar="T", default=[1, 2],
                        help="threads, ours and PyTorch's (default: 1 2)")
    parser.add_argument("--repetitions", type=at_least(1), default=5, metavar="R",
                        help="timed steps of each (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write every time to this file")
    options = parser.parse_args()
    if options.elements < max(options.widths):
        parser.error(f"--elements {options.elements} is less than one row of "
                     f"{max(options.widths)}")
    run(options)


if __name__ == "__main__":
    main()
