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
#include "llvm/Support/MathExtras.h"

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

LogicalResult ScheduleAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t vectorWidth,
    int64_t scalable, int64_t vectors, int64_t rowsInFlight,
    int64_t rowsPerBlock, int64_t rowsPerTask, int64_t nontemporalMinBytes,
    int64_t prefetchRows, int64_t tileVectors, int64_t threadsPerRow,
    int64_t ctas, int64_t ctasPerRow, int64_t keepRow, int64_t keepColumns,
    int64_t cacheHints, int64_t atomics, int64_t dependentLaunch,
    int64_t approximate) {
  struct Field {
    StringRef name;
    int64_t value, most;
  };
  for (auto [name, value, most] :
       {Field{"vector_width", vectorWidth, 64}, Field{"scalable", scalable, 1},
        Field{"vectors", vectors, 32},
        Field{"rows_in_flight", rowsInFlight, 32},
        Field{"rows_per_block", rowsPerBlock, 1024},
        Field{"rows_per_task", rowsPerTask, 1 << 20},
        Field{"nontemporal_min_bytes", nontemporalMinBytes, INT64_MAX},
        Field{"prefetch_rows", prefetchRows, 256},
        Field{"tile_vectors", tileVectors, 32},
        Field{"threads_per_row", threadsPerRow, 1024},
        Field{"ctas", ctas, 1 << 16}, Field{"ctas_per_row", ctasPerRow, 16},
        Field{"keep_row", keepRow, 1}, Field{"keep_columns", keepColumns, 1},
        Field{"cache_hints", cacheHints, 1}, Field{"atomics", atomics, 1},
        Field{"dependent_launch", dependentLaunch, 1},
        Field{"approximate", approximate, 1}})
    if (value < 0 || value > most)
      return emitError() << "'" << name << "' must be from 0 to " << most
                         << ", got " << value;
  if (threadsPerRow > 32 ? threadsPerRow % 32 != 0
                         : threadsPerRow && !llvm::isPowerOf2_64(threadsPerRow))
    return emitError() << "'threads_per_row' must be a power of two up to 32 "
                          "or a multiple of 32, got "
                       << threadsPerRow;
  if (threadsPerRow && rowsPerBlock && !llvm::isPowerOf2_64(rowsPerBlock))
    return emitError() << "'rows_per_block' must be a power of two on a GPU, "
                          "got "
                       << rowsPerBlock;
  if (threadsPerRow * rowsPerBlock > 1024)
    return emitError() << "'threads_per_row' (" << threadsPerRow
                       << ") times 'rows_per_block' (" << rowsPerBlock
                       << ") must be at most 1024, the threads of a CTA";
  if (ctasPerRow > 1 && threadsPerRow % 32)
    return emitError() << "'ctas_per_row' (" << ctasPerRow
                       << ") needs whole warps, but 'threads_per_row' is "
                       << threadsPerRow;
  if (ctasPerRow > 1 && (!keepRow || rowsPerBlock > 1))
    return emitError() << "'ctas_per_row' (" << ctasPerRow
                       << ") needs 'keep_row' and one row per block";
  if (vectorWidth && !llvm::isPowerOf2_64(vectorWidth))
    return emitError() << "'vector_width' must be a power of two, got "
                       << vectorWidth;
  if (rowsInFlight && rowsPerBlock && rowsPerBlock % rowsInFlight)
    return emitError() << "'rows_per_block' (" << rowsPerBlock
                       << ") must be a multiple of 'rows_in_flight' ("
                       << rowsInFlight << ")";
  if (rowsPerBlock && rowsPerTask && rowsPerTask % rowsPerBlock)
    return emitError() << "'rows_per_task' (" << rowsPerTask
                       << ") must be a multiple of 'rows_per_block' ("
                       << rowsPerBlock << ")";
  return success();
}
