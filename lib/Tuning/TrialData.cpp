//===- TrialData.cpp - Made-up inputs and the right results --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inputs may be as large as memory: most of their values are repetitions, at a
// distance that no width of a row has.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/TrialData.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

/// Of splitmix64.
static uint64_t scramble(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

static double makeValue(const InputSpec &spec, uint64_t bits) {
  int64_t width = std::max<int64_t>(spec.shape.back(), 1);
  if (!isFloat(spec.dtype)) {
    uint64_t count =
        spec.dtype == DType::I1 ? 2 : std::min<int64_t>(width, 100);
    return static_cast<double>(bits % count);
  }
  double unit = static_cast<double>(bits >> 11) * 0x1p-53;
  switch (spec.kind) {
  case InputKind::Row:
    return 4 * unit - 2;
  case InputKind::Scalars:
    return 0.5 + unit;
  case InputKind::Column:
    return (4 * unit - 2) / std::sqrt(static_cast<double>(width));
  }
  llvm_unreachable("every kind is above");
}

Expected<Tensor> tuning::makeInput(const InputSpec &spec, uint64_t seed) {
  Expected<Tensor> tensor = Tensor::allocate(spec.dtype, spec.shape);
  if (!tensor)
    return tensor;
  constexpr int64_t period = 65521;
  size_t size = getElementSize(spec.dtype);
  auto *bytes = tensor->getDataAs<char>();
  int64_t count = tensor->getNumElements();
  for (int64_t i = 0; i < std::min(count, period); ++i)
    storeFromDouble(spec.dtype, bytes + i * size,
                    makeValue(spec, scramble(scramble(seed) + i)));
  for (int64_t i = period; i < count; i += period)
    std::memcpy(bytes + i * size, bytes, std::min(period, count - i) * size);
  return tensor;
}

Expected<SmallVector<Tensor>> tuning::makeInputs(ArrayRef<InputSpec> specs) {
  SmallVector<Tensor> inputs;
  for (auto [i, spec] : enumerate(specs)) {
    Expected<Tensor> input = makeInput(spec, i);
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

double tuning::getTolerance(DType dtype, bool approximate) {
  switch (dtype) {
  case DType::F64:
    return approximate ? 0x1p-9 : 0x1p-40;
  case DType::F32:
    return approximate ? 0x1p-9 : 0x1p-18;
  case DType::F16:
    return approximate ? 0x1p-8 : 0x1p-10;
  case DType::BF16:
    return approximate ? 0x1p-6 : 0x1p-7;
  case DType::I1:
    return 0;
  // Where a value is nearly half way, it is rounded to either side.
  case DType::I64:
  case DType::I32:
  case DType::I16:
  case DType::I8:
    return 1;
  }
  llvm_unreachable("all element types handled");
}

double tuning::getDifference(const Tensor &tensor, const Tensor &expected) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (tensor.getDType() != expected.getDType() ||
      tensor.getShape() != expected.getShape())
    return infinity;
  double largest = 0, error = 0;
  for (auto [value, right] : zip(tensor.toDoubles(), expected.toDoubles())) {
    if (value == right || (std::isnan(value) && std::isnan(right)))
      continue;
    if (!std::isfinite(value) || !std::isfinite(right))
      return infinity;
    error = std::max(error, std::abs(value - right));
  }
  if (error == 0 || !isFloat(tensor.getDType()))
    return error;
  for (double right : expected.toDoubles())
    if (std::isfinite(right))
      largest = std::max(largest, std::abs(right));
  return largest > 0 ? error / largest : error;
}

static int64_t getRowBytes(const Tensor &tensor) {
  int64_t width = tensor.getRank() ? tensor.getShape().back() : 1;
  return width * int64_t(getElementSize(tensor.getDType()));
}

Expected<Tensor> tuning::takeRows(const Tensor &tensor,
                                  ArrayRef<int64_t> rows) {
  int64_t width = tensor.getRank() ? tensor.getShape().back() : 1;
  Expected<Tensor> result = Tensor::allocate(
      tensor.getDType(), {static_cast<int64_t>(rows.size()), width});
  if (!result)
    return result;
  int64_t bytes = getRowBytes(tensor);
  for (auto [i, row] : enumerate(rows))
    std::memcpy(result->getDataAs<char>() + i * bytes,
                tensor.getDataAs<char>() + row * bytes, bytes);
  return result;
}

void tuning::spoilRows(const Tensor &tensor, ArrayRef<int64_t> rows) {
  int64_t bytes = getRowBytes(tensor);
  // A NaN of every type, and an integer that is far from most.
  for (int64_t row : rows)
    std::memset(tensor.getDataAs<char>() + row * bytes, 0xff, bytes);
}
