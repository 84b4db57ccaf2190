//===- SeeDNormDialect.cpp - The seednorm dialect ------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNorm.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::seednorm;

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormDialect.cpp.inc"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormAttributes.cpp.inc"

void SeeDNormDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.cpp.inc"
      >();
}
