//===- SeeDNormInterfaces.td - What normalisations share ---*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_INTERFACES_TD
#define SEEDNORM_INTERFACES_TD

include "mlir/IR/OpBase.td"

def RowNormOpInterface : OpInterface<"RowNormOpInterface"> {
  let cppNamespace = "::mlir::seednorm";
  let description = [{
    An operation on the rows of its first operand with parameters that rows
    share. Verification, effects, shapes and bufferisation follow from it.
  }];
  let methods = [
    InterfaceMethod<"the parameters that are present",
      "::llvm::SmallVector<::mlir::seednorm::Parameter>", "getParameters">,
    InterfaceMethod<[{the arrays of i64 that are present; each element is a
      scalar to all rows and has no gradient}],
      "::llvm::SmallVector<::mlir::Value>", "getScalars">,
    InterfaceMethod<"elements a row of each statistic that may be saved",
      "::llvm::SmallVector<int64_t>", "getStatisticWidths", (ins), "",
      "return {};">,
    InterfaceMethod<"checks of this operation alone", "::llvm::LogicalResult",
      "verifyVariant", (ins), "", "return ::mlir::success();">
  ];
}

def RowNormBackwardOpInterface
    : OpInterface<"RowNormBackwardOpInterface", [RowNormOpInterface]> {
  let cppNamespace = "::mlir::seednorm";
  let description = [{
    The gradients of a row norm with respect to its input and its parameters,
    one out for each.
  }];
  let methods = [
    InterfaceMethod<"the gradient of the loss with respect to the result",
      "::mlir::Value", "getGrad">,
    InterfaceMethod<"what the forward saved of each row, or nothing",
      "::mlir::OperandRange", "getStatistics">
  ];
}

#endif // SEEDNORM_INTERFACES_TD
