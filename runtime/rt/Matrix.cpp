//===- Matrix.cpp - Strided batches of matrices --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The copies are for what oneDNN cannot take as it is: rare views, and element
// types without a kernel.
//
//===----------------------------------------------------------------------===//

#include "Matrix.h"
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace seednorm::rt {

Matrix Matrix::slice(int64_t i) const {
  Matrix result = *this;
  result.data = at(i, 0, 0);
  result.batch = 1;
  return result;
}

Matrix Matrix::transposed() const {
  Matrix result = *this;
  std::swap(result.rows, result.columns);
  std::swap(result.rowStride, result.columnStride);
  return result;
}

void Matrix::normalizeStrides() {
  if (columns == 1)
    columnStride = 1;
  if (rows == 1)
    rowStride = columnStride == 1 ? columns : 1;
  if (batch == 1)
    batchStride = rows * columns;
}

bool Matrix::isRowMajor() const {
  return columnStride == 1 && rowStride >= columns && batchStride > 0;
}

Memory allocateMemory(uint64_t bytes) {
  Memory memory(allocate(/*alignment=*/64, bytes));
  if (!memory)
    throw std::bad_alloc();
  return memory;
}

DenseMatrix makeUninitialized(const Matrix &shape, ElementType type) {
  Matrix matrix = shape;
  matrix.type = type;
  matrix.columnStride = 1;
  matrix.rowStride = shape.columns;
  int64_t bytes;
  if (__builtin_mul_overflow(shape.rows, shape.columns, &matrix.batchStride) ||
      __builtin_mul_overflow(matrix.batchStride, shape.batch, &bytes) ||
      __builtin_mul_overflow(bytes, int64_t(getBytes(type)), &bytes))
    throw std::bad_alloc();
  Memory memory = allocateMemory(bytes);
  matrix.data = memory.get();
  return {matrix, std::move(memory)};
}

DenseMatrix makeDense(const Matrix &source, ElementType type) {
  DenseMatrix dense = makeUninitialized(source, type);
  copyMatrix(source, dense.matrix);
  return dense;
}

namespace {

struct BF16 {
  uint16_t bits;
  explicit operator float() const {
    uint32_t wide = uint32_t(bits) << 16;
    float value;
    std::memcpy(&value, &wide, sizeof(value));
    return value;
  }
  explicit BF16(float value) {
    uint32_t wide;
    std::memcpy(&wide, &value, sizeof(wide));
    if (value != value)
      bits = uint16_t(wide >> 16) | 0x40; // Stays a NaN, quiet.
    else
      bits = uint16_t((wide + 0x7fff + ((wide >> 16) & 1)) >> 16);
  }
};

template <typename Source, typename Target>
struct Copy {
  const Matrix &source, &target;

  void copyRow(int64_t i, int64_t row) const {
    auto *from = static_cast<const Source *>(source.at(i, row, 0));
    auto *to = static_cast<Target *>(target.at(i, row, 0));
    int64_t columns = source.columns;
    int64_t fromStride = source.columnStride, toStride = target.columnStride;
    if (fromStride == 1 && toStride == 1) {
      for (int64_t column = 0; column < columns; ++column)
        to[column] = convert(from[column]);
      return;
    }
    for (int64_t column = 0; column < columns; ++column)
      to[column * toStride] = convert(from[column * fromStride]);
  }

  static Target convert(const Source &value) {
    if constexpr (std::is_same_v<Source, Target>)
      return value;
    else
      return Target(static_cast<float>(value));
  }

  static void copyRows(void *context, int64_t begin, int64_t end) {
    auto &self = *static_cast<Copy *>(context);
    for (int64_t index = begin; index < end; ++index)
      self.copyRow(index / self.source.rows, index % self.source.rows);
  }
};

template <typename Source, typename Target>
void copyAs(const Matrix &source, const Matrix &target) {
  Copy<Source, Target> copy{source, target};
  seednorm_rt_parallel_for(Copy<Source, Target>::copyRows, &copy,
                           source.batch * source.rows);
}

template <typename Source>
void copyFrom(const Matrix &source, const Matrix &target) {
  switch (target.type) {
  case ElementType::F32:
    return copyAs<Source, float>(source, target);
  case ElementType::BF16:
    return copyAs<Source, BF16>(source, target);
  case ElementType::F16:
    return copyAs<Source, _Float16>(source, target);
  }
}

} // namespace

void copyMatrix(const Matrix &source, const Matrix &target) {
  switch (source.type) {
  case ElementType::F32:
    return copyFrom<float>(source, target);
  case ElementType::BF16:
    return copyFrom<BF16>(source, target);
  case ElementType::F16:
    return copyFrom<_Float16>(source, target);
  }
}

} // namespace seednorm::rt
