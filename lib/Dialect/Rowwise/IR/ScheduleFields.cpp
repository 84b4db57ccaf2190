//===- ScheduleFields.cpp - The fields of a schedule as data -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table of fields, and what every schedule must keep whatever it is for.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/IR/ScheduleFields.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::rowwise;

static constexpr ScheduleFieldInfo infos[ScheduleFields::count] = {
    {"vector_width", &ScheduleAttr::getVectorWidth, 64},
    {"scalable", &ScheduleAttr::getScalable, 1},
    {"vectors", &ScheduleAttr::getVectors, 32},
    {"rows_in_flight", &ScheduleAttr::getRowsInFlight, 32},
    {"rows_per_block", &ScheduleAttr::getRowsPerBlock, 1024},
    {"rows_per_task", &ScheduleAttr::getRowsPerTask, 1 << 20},
    {"nontemporal_min_bytes", &ScheduleAttr::getNontemporalMinBytes, INT64_MAX},
    {"prefetch_rows", &ScheduleAttr::getPrefetchRows, 256},
    {"prefetch_level", &ScheduleAttr::getPrefetchLevel, 3},
    {"pipeline", &ScheduleAttr::getPipeline, 1},
    {"tile_vectors", &ScheduleAttr::getTileVectors, 32},
    {"peel_remainder", &ScheduleAttr::getPeelRemainder, 1},
    {"threads_per_row", &ScheduleAttr::getThreadsPerRow, 1024},
    {"ctas", &ScheduleAttr::getCtas, 1 << 16},
    {"ctas_per_row", &ScheduleAttr::getCtasPerRow, 16},
    {"keep_row", &ScheduleAttr::getKeepRow, 1},
    {"keep_columns", &ScheduleAttr::getKeepColumns, 1},
    {"cache_hints", &ScheduleAttr::getCacheHints, 1},
    {"atomics", &ScheduleAttr::getAtomics, 1},
    {"dependent_launch", &ScheduleAttr::getDependentLaunch, 1},
    {"approximate", &ScheduleAttr::getApproximate, 1}};

ArrayRef<ScheduleFieldInfo> mlir::rowwise::getScheduleFieldInfos() {
  return infos;
}

ScheduleFields::ScheduleFields(ScheduleAttr schedule) {
  for (auto [value, info] : llvm::zip_equal(values, infos))
    value = schedule ? (schedule.*info.get)() : 0;
}

ScheduleAttr
ScheduleFields::getChecked(function_ref<InFlightDiagnostic()> emitError,
                           MLIRContext *context) const {
  return std::apply(
      [&](auto... fields) {
        return ScheduleAttr::getChecked(emitError, context, fields...);
      },
      values);
}

LogicalResult ScheduleAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, int64_t vectorWidth,
    int64_t scalable, int64_t vectors, int64_t rowsInFlight,
    int64_t rowsPerBlock, int64_t rowsPerTask, int64_t nontemporalMinBytes,
    int64_t prefetchRows, int64_t prefetchLevel, int64_t pipeline,
    int64_t tileVectors, int64_t peelRemainder, int64_t threadsPerRow,
    int64_t ctas, int64_t ctasPerRow, int64_t keepRow, int64_t keepColumns,
    int64_t cacheHints, int64_t atomics, int64_t dependentLaunch,
    int64_t approximate) {
  int64_t values[] = {vectorWidth,
                      scalable,
                      vectors,
                      rowsInFlight,
                      rowsPerBlock,
                      rowsPerTask,
                      nontemporalMinBytes,
                      prefetchRows,
                      prefetchLevel,
                      pipeline,
                      tileVectors,
                      peelRemainder,
                      threadsPerRow,
                      ctas,
                      ctasPerRow,
                      keepRow,
                      keepColumns,
                      cacheHints,
                      atomics,
                      dependentLaunch,
                      approximate};
  for (auto [info, value] : llvm::zip_equal(infos, values))
    if (value < 0 || value > info.most)
      return emitError() << "'" << info.name << "' must be from 0 to "
                         << info.most << ", got " << value;
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
  if (scalable && peelRemainder)
    return emitError() << "'peel_remainder' and 'scalable' exclude each other";
  if (threadsPerRow)
    return success();
  if (pipeline && keepRow)
    return emitError() << "'pipeline' and 'keep_row' exclude each other";
  StringRef whole = pipeline ? "pipeline" : keepRow ? "keep_row" : "";
  if (whole.empty())
    return success();
  if (tileVectors)
    return emitError() << "'" << whole << "' and 'tile_vectors' ("
                       << tileVectors << ") exclude each other";
  if (rowsInFlight && rowsPerBlock && rowsInFlight != rowsPerBlock)
    return emitError() << "'" << whole << "' needs 'rows_per_block' ("
                       << rowsPerBlock
                       << ") rows in flight, but 'rows_in_flight' is "
                       << rowsInFlight;
  return success();
}
