//===- Rowwise.h - The rowwise dialect --------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row programs: what one row computes. Knows nothing of which normalisation a
// program came from, nor of loops and targets.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_ROWWISE_IR_ROWWISE_H
#define SEEDNORM_DIALECT_ROWWISE_IR_ROWWISE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "seednorm/Dialect/Rowwise/IR/RowwiseDialect.h.inc"
#include "seednorm/Dialect/Rowwise/IR/RowwiseEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "seednorm/Dialect/Rowwise/IR/RowwiseAttributes.h.inc"

#define GET_OP_CLASSES
#include "seednorm/Dialect/Rowwise/IR/RowwiseOps.h.inc"

namespace mlir::rowwise {

/// One-Shot Bufferize's view of `rowwise.program`.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::rowwise

#endif // SEEDNORM_DIALECT_ROWWISE_IR_ROWWISE_H
