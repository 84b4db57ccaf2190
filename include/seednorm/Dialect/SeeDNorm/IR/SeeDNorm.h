//===- SeeDNorm.h - The seednorm dialect -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normalisation layers by name. Knows nothing of how any is computed.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_DIALECT_SEEDNORM_IR_SEEDNORM_H
#define SEEDNORM_DIALECT_SEEDNORM_IR_SEEDNORM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormDialect.h.inc"
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormEnums.h.inc"

namespace mlir::seednorm {
/// A parameter of a normalisation: an array of one row that all rows of the
/// input share, or, if it has rows, one with the input's leading dimensions or
/// 1 in their place.
struct Parameter {
  StringRef name;
  Value value;
  bool hasRows;
};
} // namespace mlir::seednorm

#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormAttributes.h.inc"

namespace mlir::seednorm {
namespace detail {
/// What every normalisation gets from its base class.
SmallVector<Parameter>
collectParameters(ArrayRef<StringRef> names, unsigned numColumns,
                  function_ref<ValueRange(unsigned)> getOperand);
LogicalResult verifyRowNorm(RowNormOpInterface op);
LogicalResult verifyRowNormBackward(RowNormBackwardOpInterface op);
/// That the row can be divided into `count` groups; `name` is the attribute's.
LogicalResult verifyGroups(RowNormOpInterface op, StringRef name,
                           int64_t count);
void getRowNormEffects(
    RowNormOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);
LogicalResult reifyRowNormShapes(RowNormOpInterface op, OpBuilder &builder,
                                 ReifiedRankedShapedTypeDims &shapes);
LogicalResult reifyRowNormBackwardShapes(RowNormOpInterface op,
                                         OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes);
} // namespace detail

/// One-Shot Bufferize's view of every normalisation.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

} // namespace mlir::seednorm

#define GET_OP_CLASSES
#include "seednorm/Dialect/SeeDNorm/IR/SeeDNormOps.h.inc"

#endif // SEEDNORM_DIALECT_SEEDNORM_IR_SEEDNORM_H
