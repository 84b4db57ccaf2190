//===- Passes.td - Passes over models ----------------------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_PASSES_TD
#define SEEDNORM_PASSES_TD

include "mlir/Pass/PassBase.td"

def SeeDNormAutodiff : Pass<"seednorm-autodiff", "::mlir::ModuleOp"> {
  let summary = "gives gradient functions a body";
  let description = [{
    Reverse mode over functions. A declaration with `seednorm.gradient_of` names
    the function whose gradient it is and gets a body:

    ```mlir
    func.func private @loss_gradient(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>,
                                     %dloss: tensor<?xf32>)
        -> (tensor<?xf32>, tensor<64x64xf32>)
        attributes {seednorm.gradient_of = @loss, seednorm.with_values,
                    seednorm.wrt = array<i64: 1>}
    ```

    - Arguments: those of the function, then the gradient with respect to each
      of its floating-point results.
    - Results: with `seednorm.with_values` the function's own, then the gradient
      with respect to each argument of `seednorm.wrt` (argument numbers; all
      floating-point ones if it is absent), in the argument's shape. Its element
      type is the declaration's choice. Sums are f32 at least until they are
      converted to it, but for a product of two bf16 or f16 matrices: that is
      rounded once, to their type.

    The module is turned into fused row programs first, so norms, softmax and
    element-wise operations have one rule, `rowwise-differentiate`'s: a backward
    program computes its forward values again and writes gradients alone. The
    other rules are those of `linalg.matmul`, `linalg.batch_matmul`,
    `linalg.transpose`, `linalg.broadcast`, `linalg.reduce` by addition,
    reshapes, slices, casts, gathers (a parallel `linalg.generic` that yields a
    `tensor.extract`), and calls. Anything else that a gradient would go through
    is an error.

    A called function gets a forward that also returns what its backward reads.
    One with the unit attribute `seednorm.recompute`, or every one with the
    option `recompute`, is computed again by its backward instead: less memory,
    more time.
  }];
  let options = [
    Option<"symbol", "function", "std::string", "\"\"",
           "also append the gradient function @NAME_backward of this function">,
    Option<"recompute", "recompute", "bool", "false",
           "backwards of called functions compute forward values again">
  ];
  let dependentDialects = ["::mlir::rowwise::RowwiseDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // SEEDNORM_PASSES_TD
