//===- RowAccess.h - Vectors of one row of a strided array -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a row of an N×D memref begins and how its vectors are loaded, stored
// and prefetched, whatever its strides. Knows nothing of row programs.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_CONVERSION_ROWACCESS_H
#define SEEDNORM_CONVERSION_ROWACCESS_H

#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::rowwise {

/// Shorthand for index arithmetic; constants fold as they are made.
struct IndexMath {
  OpBuilder &builder;
  Location loc;

  Value constant(int64_t value) const;
  Value add(Value a, Value b) const;
  Value sub(Value a, Value b) const;
  Value mul(Value a, Value b) const;
  Value div(Value a, Value b) const;
  Value rem(Value a, Value b) const;
  Value min(Value a, Value b) const;
  Value max(Value a, Value b) const;
  static std::optional<int64_t> getConstant(Value value);
};

/// What an element is in memory: a flag takes a byte there, but a bit in a
/// vector. All three take scalars and vectors.
Type getStoredType(Type type);
Value toStored(OpBuilder &builder, Location loc, Value value);
Value fromStored(OpBuilder &builder, Location loc, Value stored, Type type);

/// Goes over the whole vectors of `length` columns, `vectors` of `lanes` lanes
/// at a time, then single ones. Gives back the columns covered.
Value forEachColumns(OpBuilder &builder, Location loc, Value length,
                     Value lanes, unsigned vectors,
                     function_ref<void(Value column, unsigned vectors)> body);

/// What is known of an access, where it has no mask.
struct ArrayAccess {
  /// A multiple of which its address is; 0: only that of the element.
  int64_t alignment = 0;
  /// It will not be accessed again soon.
  bool nontemporal = false;
};

/// A strided array whose last dimension is the row, taken apart once, outside
/// of all loops.
class RowArray {
public:
  /// `leading` are the sizes of the iteration space; a dimension of the array
  /// that is statically 1 where that is not repeats.
  RowArray(OpBuilder &builder, Location loc, Value memref,
           ArrayRef<Value> leading);

  Type getElementType() const { return elementType; }
  /// Of an element in memory.
  int64_t getElementBytes() const;
  bool hasUnitStride() const { return !innerStride; }
  /// Whether every row of the iteration space has its own row of the array.
  bool isRepeated() const { return repeated; }
  Value getWidth() const { return width; }

  /// The offset, in elements, of the row with this linear index.
  Value getRowOffset(OpBuilder &builder, Location loc, Value row) const;
  /// The row at an offset as a one-dimensional memref. With an inner stride
  /// it spans the strided elements.
  Value getRowView(OpBuilder &builder, Location loc, Value offset) const;
  /// An i1 that is true if every row begins at a multiple of `bytes`.
  Value isAligned(OpBuilder &builder, Location loc, int64_t bytes) const;

  /// `mask` may be null.
  Value load(OpBuilder &builder, Location loc, Value view, Value column,
             VectorType type, Value mask, ArrayAccess access = {}) const;
  void store(OpBuilder &builder, Location loc, Value view, Value column,
             Value vector, Value mask, ArrayAccess access = {}) const;
  Value loadScalar(OpBuilder &builder, Location loc, Value view,
                   Value column) const;
  void storeScalar(OpBuilder &builder, Location loc, Value view, Value column,
                   Value scalar) const;
  /// Adds to one element atomically.
  void addAtomically(OpBuilder &builder, Location loc, Value view, Value column,
                     Value scalar) const;
  /// Brings the cache line at `column` to the cache of this level, from 1 to 3.
  void prefetch(OpBuilder &builder, Location loc, Value view, Value column,
                unsigned level) const;

private:
  Value getLanes(OpBuilder &builder, Location loc, VectorType type) const;
  Value loadStored(OpBuilder &builder, Location loc, Value view, Value column,
                   VectorType type, Value mask, ArrayAccess access) const;

  Type elementType;
  Value base, offset, width;
  Value innerStride; // null if 1
  SmallVector<Value> strides, leading;
  SmallVector<bool> repeats;
  bool collapsible = false, repeated = false;
};

} // namespace mlir::rowwise

#endif // SEEDNORM_CONVERSION_ROWACCESS_H
