#!/usr/bin/env python3
"""Triton's side of run.py: norms as people write them in Triton, compiled to PTX.

One program normalises one row, its block is the next power of two of the row, and
the number of warps follows the rules of Triton's LayerNorm tutorial (LayerNorm) and
of Liger-Kernel (RMSNorm, SeeDNorm). A backward's programs go over several rows each,
with their shares of the parameters' gradients in registers, which a second kernel
adds up. Needs no GPU and nothing but the package triton:

  python triton_kernels.py FOLDER --widths 768 --dtypes bf16

writes FOLDER/NORM-DIRECTION-DTYPE-WIDTH.ptx, and FOLDER/column-sums.ptx for the
sums over programs. Their first lines say how much shared memory a launch adds.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")  # what every release so far did

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.language.extra import libdevice

# What both ptxas of CUDA 12.9 and of 13 can read.
PTX_VERSION = 88


@triton.jit
def rms_norm_forward(X, Y, G, R, stride, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / n + eps)
    tl.store(R + row, r)
    tl.store(Y + row * stride + columns, x * r * gamma, mask=mask)


@triton.jit
def rms_norm_backward(X, G, DY, R, DX, DG, stride, rows, rows_per_program, n,
                      BLOCK: tl.constexpr):
    program = tl.program_id(0).to(tl.int64)
    first = program * rows_per_program
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    dgamma = tl.zeros((BLOCK,), dtype=tl.float32)
    for row in range(first, min(first + rows_per_program, rows)):
        x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        dy = tl.load(DY + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        r = tl.load(R + row)
        m = dy * gamma
        dot = tl.sum(m * x, axis=0)
        dx = r * m - r * r * r * dot / n * x
        tl.store(DX + row * stride + columns, dx, mask=mask)
        dgamma += dy * x * r
    tl.store(DG + program * n + columns, dgamma, mask=mask)


@triton.jit
def layer_norm_forward(X, Y, G, B, M, R, stride, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
    mean = tl.sum(x, axis=0) / n
    centred = tl.where(mask, x - mean, 0.0)
    r = tl.rsqrt(tl.sum(centred * centred, axis=0) / n + eps)
    tl.store(M + row, mean)
    tl.store(R + row, r)
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    beta = tl.load(B + columns, mask=mask, other=0.0).to(tl.float32)
    tl.store(Y + row * stride + columns, centred * r * gamma + beta, mask=mask)


@triton.jit
def layer_norm_backward(X, G, DY, M, R, DX, DG, DB, stride, rows, rows_per_program, n,
                        BLOCK: tl.constexpr):
    program = tl.program_id(0).to(tl.int64)
    first = program * rows_per_program
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    dgamma = tl.zeros((BLOCK,), dtype=tl.float32)
    dbeta = tl.zeros((BLOCK,), dtype=tl.float32)
    for row in range(first, min(first + rows_per_program, rows)):
        x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        dy = tl.load(DY + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        mean = tl.load(M + row)
        r = tl.load(R + row)
        normal = tl.where(mask, (x - mean) * r, 0.0)
        m = dy * gamma
        c1 = tl.sum(normal * m, axis=0) / n
        c2 = tl.sum(m, axis=0) / n
        tl.store(DX + row * stride + columns, (m - (normal * c1 + c2)) * r, mask=mask)
        dgamma += dy * normal
        dbeta += dy
    tl.store(DG + program * n + columns, dgamma, mask=mask)
    tl.store(DB + program * n + columns, dbeta, mask=mask)


@triton.jit
def seednorm_forward(X, Y, A, B, G, R, S, stride, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
    alpha = tl.load(A + columns, mask=mask, other=0.0).to(tl.float32)
    beta = tl.load(B + columns, mask=mask, other=0.0).to(tl.float32)
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / n + eps)
    s = libdevice.tanh(tl.sum(x * beta, axis=0))
    tl.store(R + row, r)
    tl.store(S + row, s)
    tl.store(Y + row * stride + columns, (s * alpha + gamma) * x * r, mask=mask)


@triton.jit
def seednorm_backward(X, A, B, G, DY, R, S, DX, DA, DB, DG, stride, rows,
                      rows_per_program, n, BLOCK: tl.constexpr):
    program = tl.program_id(0).to(tl.int64)
    first = program * rows_per_program
    columns = tl.arange(0, BLOCK)
    mask = columns < n
    alpha = tl.load(A + columns, mask=mask, other=0.0).to(tl.float32)
    beta = tl.load(B + columns, mask=mask, other=0.0).to(tl.float32)
    gamma = tl.load(G + columns, mask=mask, other=0.0).to(tl.float32)
    dalpha = tl.zeros((BLOCK,), dtype=tl.float32)
    dbeta = tl.zeros((BLOCK,), dtype=tl.float32)
    dgamma = tl.zeros((BLOCK,), dtype=tl.float32)
    for row in range(first, min(first + rows_per_program, rows)):
        x = tl.load(X + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        dy = tl.load(DY + row * stride + columns, mask=mask, other=0.0).to(tl.float32)
        r = tl.load(R + row)
        s = tl.load(S + row)
        k = s * alpha + gamma
        m = dy * x
        dot = tl.sum(m * k, axis=0)
        ds = (1.0 - s * s) * r * tl.sum(m * alpha, axis=0)
        dx = dy * k * r - x * (r * r * r * dot / n) + ds * beta
        tl.store(DX + row * stride + columns, dx, mask=mask)
        dalpha += m * (r * s)
        dbeta += x * ds
        dgamma += m * r
    tl.store(DA + program * n + columns, dalpha, mask=mask)
    tl.store(DB + program * n + columns, dbeta, mask=mask)
    tl.store(DG + program * n + columns, dgamma, mask=mask)


@triton.jit
def column_sums(PARTIAL, SUM, programs, n, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    """Adds up one parameter's partial sums."""
    columns = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    total = tl.zeros((ROWS, COLUMNS), dtype=tl.float32)
    for first in range(0, programs, ROWS):
        rows = first + tl.arange(0, ROWS)
        mask = (rows[:, None] < programs) & (columns[None, :] < n)
        total += tl.load(PARTIAL + rows[:, None].to(tl.int64) * n + columns[None, :],
                         mask=mask, other=0.0)
    tl.store(SUM + columns, tl.sum(total, axis=0), mask=columns < n)


KERNELS = {
    ("rms_norm", "forward"): rms_norm_forward,
    ("rms_norm", "backward"): rms_norm_backward,
    ("layer_norm", "forward"): layer_norm_forward,
    ("layer_norm", "backward"): layer_norm_backward,
    ("norm", "forward"): seednorm_forward,
    ("norm", "backward"): seednorm_backward,
}
# Arguments of the type of the rows; other pointers are to f32.
TYPED = {"X", "Y", "A", "B", "G", "DY", "DX"}
NUMBERS = {"stride", "n", "rows", "rows_per_program", "programs"}


def warps_of(norm, block):
    if norm == "layer_norm":
        return min(max(block // 256, 1), 8)
    return 32 if block >= 32768 else 16 if block >= 8192 else 8 if block >= 2048 else 4


def compile_to_ptx(kernel, dtype, constants, warps):
    signature, divisible = {}, {}
    for index, name in enumerate(kernel.arg_names):
        if name in constants:
            signature[name] = "constexpr"
        elif name == "eps":
            signature[name] = "fp32"
        elif name in NUMBERS:
            signature[name] = "i32"
        else:
            signature[name] = "*" + (dtype if name in TYPED else "fp32")
        # What Triton finds out at a launch: pointers, n and the stride.
        if signature[name].startswith("*") or name in ("n", "stride"):
            divisible[(index,)] = [["tt.divisibility", 16]]
    source = ASTSource(fn=kernel, signature=signature, attrs=divisible,
                       constexprs={(kernel.arg_names.index(name),): value
                                   for name, value in constants.items()})
    compiled = triton.compile(source, target=GPUTarget("cuda", 90, 32),
                              options={"num_warps": warps, "ptx_version": PTX_VERSION})
    return f"// dynamic shared memory: {compiled.metadata.shared}\n{compiled.asm['ptx']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", type=int, nargs="+", default=[768, 2048, 4096, 8192])
    parser.add_argument("--dtypes", nargs="+", choices=["f32", "bf16"],
                        default=["f32", "bf16"])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    sums = compile_to_ptx(column_sums, "fp32", {"ROWS": 32, "COLUMNS": 128}, 4)
    (options.folder / "column-sums.ptx").write_text(sums)
    for (norm, direction), kernel in KERNELS.items():
        for dtype in options.dtypes:
            for width in options.widths:
                block = triton.next_power_of_2(width)
                ptx = compile_to_ptx(kernel, {"f32": "fp32", "bf16": "bf16"}[dtype],
                                     {"BLOCK": block}, warps_of(norm, block))
                (options.folder / f"{norm}-{direction}-{dtype}-{width}.ptx").write_text(ptx)
    print(f"triton {triton.__version__}")


if __name__ == "__main__":
    main()
