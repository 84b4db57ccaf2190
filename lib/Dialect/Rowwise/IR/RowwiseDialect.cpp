//===- RowwiseDialect.cpp - The rowwise dialect --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registration of the dialect, its attributes and their checks. Knows nothing
// of lowering.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/IR/Rowwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::rowwise;

#include "seednorm/Dialect/Rowwise/IR/RowwiseDialect.cpp.inc"
#include "seednorm/Dialect/Rowwise/IR/RowwiseEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "seednorm/Dialect/Rowwise/IR/RowwiseAttributes.cpp.inc"

void RowwiseDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "seednorm/Dialect/Rowwise/IR/RowwiseAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "seednorm/Dialect/Rowwise/IR/RowwiseOps.cpp.inc"
      >();
}

Operation *RowwiseDialect::materializeConstant(OpBuilder &builder,
                                               Attribute value, Type type,
                                               Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}
