//===- RowwiseDialect.td - The rowwise dialect -------------*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROWWISE_DIALECT_TD
#define ROWWISE_DIALECT_TD

include "mlir/IR/OpBase.td"

def Rowwise_Dialect : Dialect {
  let name = "rowwise";
  let cppNamespace = "::mlir::rowwise";
  let summary = "A block language whose block is one row";
  let description = [{
    A *row program* says what one row of an N×D array computes: element-wise
    maps, reductions over the row, and sums of a row value over all rows. It
    knows neither which normalisation it came from nor which machine it will
    run on; every `seednorm` operation becomes one, fusion inlines one into
    another, and each target lowers this one form.

    Inside `rowwise.program` a value is a rank-1 tensor and has one of two
    shapes:

    - *row-shaped*, `tensor<D x T>`: one element a column;
    - *group-shaped*, `tensor<G x T>` with static G that divides D: one element
      for each of G equal, contiguous groups of columns (G = 1: a row scalar).
      Group h covers the columns from h·D/G up to (h+1)·D/G.

    The operations on them are the element-wise ones of `arith` and `math`,
    splat constants, and `rowwise.reduce`, `rowwise.broadcast`,
    `rowwise.accumulate`, `rowwise.detach`, and the row's and the columns'
    indices.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

#endif // ROWWISE_DIALECT_TD
