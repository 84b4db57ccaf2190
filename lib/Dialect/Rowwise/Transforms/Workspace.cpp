//===- Workspace.cpp - Tasks of a row program and their memory -----------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Dialect/Rowwise/Transforms/Workspace.h"

#include "mlir/IR/TypeUtilities.h"

#include <functional>
#include <numeric>

using namespace mlir;
using namespace mlir::rowwise;

namespace {
/// The arithmetic that IndexMath emits, on numbers.
struct NumberMath {
  int64_t constant(int64_t value) const { return value; }
  int64_t add(int64_t a, int64_t b) const { return a + b; }
  int64_t sub(int64_t a, int64_t b) const { return a - b; }
  int64_t mul(int64_t a, int64_t b) const { return a * b; }
  int64_t div(int64_t a, int64_t b) const { return a / b; }
  int64_t max(int64_t a, int64_t b) const { return std::max(a, b); }
};
} // namespace

static int64_t multiply(ArrayRef<int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                         std::multiplies<>());
}

bool mlir::rowwise::hasSums(ProgramOp program) {
  for (unsigned i = 0, e = program.getOuts().size(); i < e; ++i)
    if (program.isAccumulated(i))
      return true;
  return false;
}

FloatType mlir::rowwise::getPartialType(ScheduleAttr schedule, Type type) {
  if (schedule.isForGPU() && !type.isF64())
    return Float32Type::get(type.getContext());
  return Float64Type::get(type.getContext());
}

unsigned mlir::rowwise::getSegmentDims(ProgramOp program) {
  unsigned dims = 0;
  for (unsigned i = 0, e = program.getOuts().size(); i < e; ++i)
    if (program.isAccumulated(i))
      dims = std::max(dims, program.getSumDims(i).value_or(0));
  return dims;
}

uint64_t mlir::rowwise::getWorkspaceBytes(ProgramOp program,
                                          ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> leading = shape.drop_back();
  unsigned dims = getSegmentDims(program);
  ScheduleAttr schedule = program.getScheduleAttr();
  if (schedule.isForGPU() && schedule.getAtomics())
    return 0;
  int64_t tasks = divideIntoTasks(NumberMath(), schedule, hasSums(program),
                                  multiply(leading.take_front(dims)),
                                  multiply(leading.drop_front(dims)))
                      .count;
  uint64_t bytes = 0;
  for (auto [i, value] : llvm::enumerate(program.getYield()->getOperands())) {
    if (!program.isAccumulated(i))
      continue;
    int64_t width = cast<RankedTensorType>(value.getType()).getDimSize(0);
    uint64_t element =
        getPartialType(schedule, getElementTypeOrSelf(value)).getWidth() / 8;
    bytes += uint64_t(tasks) * element *
             (ShapedType::isDynamic(width) ? shape.back() : width);
  }
  return bytes;
}
