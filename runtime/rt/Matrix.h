//===- Matrix.h - Strided batches of matrices -------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Views of operands of a matrix product, and copies of them that are dense or
// of another element type. Knows nothing of oneDNN. Throws std::bad_alloc.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_MATRIX_H
#define SEEDNORM_RUNTIME_RT_MATRIX_H

#include "Allocator.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <cstddef>

namespace seednorm::rt {

enum class ElementType : int32_t {
  F32 = SEEDNORM_RT_F32,
  BF16 = SEEDNORM_RT_BF16,
  F16 = SEEDNORM_RT_F16
};

inline size_t getBytes(ElementType type) {
  return type == ElementType::F32 ? 4 : 2;
}

struct Matrix {
  ElementType type;
  void *data;
  int64_t batch, rows, columns;
  int64_t batchStride, rowStride, columnStride;

  void *at(int64_t i, int64_t row, int64_t column) const {
    return static_cast<char *>(data) +
           (i * batchStride + row * rowStride + column * columnStride) *
               static_cast<int64_t>(getBytes(type));
  }

  Matrix slice(int64_t i) const;
  Matrix transposed() const;
  /// Strides of dimensions of size one mean nothing: gives them values that
  /// make the matrix row-major where possible, and equal problems equal.
  void normalizeStrides();
  /// Columns adjacent, rows and matrices apart and ascending.
  bool isRowMajor() const;
};

/// A matrix and its memory.
struct DenseMatrix {
  Matrix matrix;
  Memory memory;
};

/// Pooled memory; throws std::bad_alloc instead of null.
Memory allocateMemory(uint64_t bytes);

/// Row-major memory of the matrix' shape, in the given type.
DenseMatrix makeUninitialized(const Matrix &shape, ElementType type);
/// A row-major copy in the given type.
DenseMatrix makeDense(const Matrix &source, ElementType type);
/// Copies the elements, rounding to nearest even.
void copyMatrix(const Matrix &source, const Matrix &target);

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_MATRIX_H
