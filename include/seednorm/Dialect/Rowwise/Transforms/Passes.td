//===- Passes.td - Passes over row programs ----------------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROWWISE_PASSES_TD
#define ROWWISE_PASSES_TD

include "mlir/Pass/PassBase.td"

def RowwiseFuse : Pass<"rowwise-fuse"> {
  let summary = "inlines row programs into the ones that consume them";
  let description = [{
    A program whose result is a row operand of another program over the same
    rows is inlined into it: the value is then neither written nor read again.
    If it is used elsewhere as well it becomes one more result of the fused
    program. Residual additions, casts and activations join a normalisation
    this way, once `linalg-to-rowwise` has turned them into row programs.
  }];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect"];
}

def RowwiseSplitSums : Pass<"rowwise-split-sums"> {
  let summary = "takes sums of rows that are not adjacent out of row programs";
  let description = [{
    A sum over rows that lie together is a matter of chunks of rows. One whose
    out has a dimension of the program's after a 1, as `[1, T, D]` of `[B, T,
    D]`, is not: the program then gives the value itself, `[B, T, D]`, and a
    `linalg.reduce` in f64 after it sums. That the out has the sizes of the rows
    is asserted at run time.
  }];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::cf::ControlFlowDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RowwiseDifferentiate : Pass<"rowwise-differentiate", "::mlir::ModuleOp"> {
  let summary = "appends the backward of functions that are one row program";
  let description = [{
    Reverse mode on the region of a row program. For a function `@f(args) ->
    results` whose results are those of its only program, `@f_backward(args,
    cotangents) -> gradients` is added: one cotangent for each result, one
    gradient for each argument that is an operand of the program.

    - The adjoint of a reduction is a broadcast, of a broadcast a reduction, of a
      operand that several rows share an accumulation over them. Forward values
      are computed again; nothing but gradients is written.
    - Sums over a row have factors that a group shares taken out, reduce(a ·
      broadcast(s)) = s · reduce(a), wherever the sum would else need one more
      sweep than the forward. SeeDNorm's backward is two sweeps like its forward.
    - Gradients of column operands and of row operands that repeat are f32 (f64
      for f64) whatever they hold.
    - Where maxima are equal they share the gradient. Steps (floor, round),
      integers and what is detached have none. An operation without a known
      derivative is an error.
  }];
  let options = [
    Option<"symbol", "function", "std::string", "\"\"",
           "the function; empty: every one with a body">
  ];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RowwiseSchedule : Pass<"rowwise-schedule"> {
  let summary = "gives every row program a schedule for a CPU or a GPU";
  let description = [{
    Fills the fields of `#rowwise.schedule` that are absent with the choices of
    a cost model: the vector width from the target's features, rows per block
    and in flight from the row width and the number of reductions, non-temporal
    stores for outputs that the last-level cache does not hold. Fields that no
    choice of the others fits, and scalable vectors that the target lacks, are
    errors.

    With the triple of a GPU (`nvptx64-nvidia-cuda`, `amdgcn-amd-amdhsa`, SPIR-V)
    `cpu` is the chip, and the model chooses how many threads a row has, whether
    their registers hold it, and how many CTAs go over the rows.

    With `db`, a program without a schedule gets the one that was measured best
    for it (see docs/tuning-database.md): under exactly its key, else under the
    nearest, else of those that come with the compiler. Where none of them fits,
    the cost model chooses.
  }];
  let options = [
    Option<"triple", "triple", "std::string", "\"\"",
           "target triple; empty: the host's">,
    Option<"cpu", "cpu", "std::string", "\"\"",
           "target CPU as llc names it, or a GPU's chip; empty: the host's">,
    Option<"features", "features", "std::string", "\"\"",
           "target features, as +avx2,-fma">,
    Option<"database", "db", "std::string", "\"\"",
           "database of measured schedules">,
    Option<"mode", "tuning-mode", "std::string", "\"\"",
           "use (what was measured best), record (and write down what is "
           "chosen), pinned (what was written down, or an error) or off (the "
           "cost model alone); empty: use if db is given, else off">,
    Option<"threads", "threads", "int64_t", "0",
           "threads that the code will run with; 0: as OMP_NUM_THREADS says, "
           "or all cores">,
    Option<"print", "print-tuning", "bool", "false",
           "say on stderr where every program's schedule comes from">
  ];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect"];
}

def RowwiseReportWorkspace : Pass<"rowwise-report-workspace"> {
  let summary = "says how much memory sums over rows take";
  let description = [{
    A remark at every row program with sums over rows: the bytes that compiled
    code allocates for them while it runs, from the formula that the lowering
    uses. They depend on the schedule, so `seednorm-row-programs` comes before:

        seednorm-opt model.mlir --seednorm-row-programs \
          --rowwise-report-workspace=sizes=8192

    They do not depend on the number of threads: 64 partial sums at most for one
    sum over all rows, whatever their number.
  }];
  let options = [
    ListOption<"sizes", "sizes", "int64_t",
               "the dynamic sizes of a program's first row operand, in order; a "
               "program that has fewer takes the first of them">
  ];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect"];
}

def RowwiseBufferize : Pass<"rowwise-bufferize", "::mlir::ModuleOp"> {
  let summary = "One-Shot Bufferize that leaves the regions of row programs alone";
  let description = [{
    The region of a row program works on tensors that never exist in memory.
    This pass runs One-Shot Bufferize over everything else, function boundaries
    included: arguments of functions get a unit innermost stride and dynamic
    outer strides, so that a view of an array is passed without a copy.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def RowwiseExpandMath : Pass<"rowwise-expand-math"> {
  let summary = "expands math functions on f32 vectors into arithmetic";
  let description = [{
    Without it a vector loop would call the C library once for each lane. On f32
    scalars and vectors, fixed or scalable:

    | function | largest error | how |
    | --- | --- | --- |
    | `math.exp` | 1 ulp | 2^n · p(r), with r reduced in two parts |
    | `math.log` | 1 ulp | n · ln 2 + log(m), with x = m · 2^n and m around 1 |
    | `math.tanh` | 2 ulp | odd polynomial below 0.625, 1 - 2/(exp(2x)+1) above |
    | `math.tanh` with `afn` | relative error of 2^-12 | rational function up to 4.7, which ends there |
    | `math.rsqrt` | 1.5 ulp | 1/sqrt(x) |
    | erf (4 ulp), sin, cos, … | that of `math-polynomial-approximation` | upstream's |

    NaN, infinities, signed zeros and subnormal numbers are treated as the
    function's definition says. f16 and bf16 are computed in f32. f64 is left
    alone; `convert-math-to-libm` takes it to the C library. Needs a target with
    fused multiply-add (AVX2 or AArch64).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // ROWWISE_PASSES_TD
