//===- RowAccess.cpp - Vectors of one row of a strided array -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/RowAccess.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::rowwise;

//===----------------------------------------------------------------------===//
// IndexMath
//===----------------------------------------------------------------------===//

std::optional<int64_t> IndexMath::getConstant(Value value) {
  return getConstantIntValue(value);
}

Value IndexMath::constant(int64_t value) const {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value IndexMath::add(Value a, Value b) const {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}

Value IndexMath::sub(Value a, Value b) const {
  return builder.createOrFold<arith::SubIOp>(loc, a, b);
}

Value IndexMath::mul(Value a, Value b) const {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}

Value IndexMath::div(Value a, Value b) const {
  return builder.createOrFold<arith::DivUIOp>(loc, a, b);
}

Value IndexMath::rem(Value a, Value b) const {
  return builder.createOrFold<arith::RemUIOp>(loc, a, b);
}

Value IndexMath::min(Value a, Value b) const {
  return builder.createOrFold<arith::MinUIOp>(loc, a, b);
}

Value IndexMath::max(Value a, Value b) const {
  return builder.createOrFold<arith::MaxUIOp>(loc, a, b);
}

Value mlir::rowwise::forEachColumns(OpBuilder &builder, Location loc,
                                    Value length, Value lanes, unsigned vectors,
                                    function_ref<void(Value, unsigned)> body) {
  IndexMath math{builder, loc};
  auto range = [&](Value from, Value to, unsigned count) {
    auto loop = scf::ForOp::create(builder, loc, from, to,
                                   math.mul(lanes, math.constant(count)));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar(), count);
  };
  Value step = math.mul(lanes, math.constant(vectors));
  Value unrolled = math.sub(length, math.rem(length, step));
  Value whole = math.sub(length, math.rem(length, lanes));
  range(math.constant(0), unrolled, vectors);
  if (vectors != 1)
    range(unrolled, whole, 1);
  return whole;
}

//===----------------------------------------------------------------------===//
// Elements in memory
//===----------------------------------------------------------------------===//

Type mlir::rowwise::getStoredType(Type type) {
  if (!getElementTypeOrSelf(type).isInteger(1))
    return type;
  Type byte = IntegerType::get(type.getContext(), 8);
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(byte);
  return byte;
}

Value mlir::rowwise::toStored(OpBuilder &builder, Location loc, Value value) {
  Type stored = getStoredType(value.getType());
  if (stored == value.getType())
    return value;
  return arith::ExtUIOp::create(builder, loc, stored, value);
}

Value mlir::rowwise::fromStored(OpBuilder &builder, Location loc, Value stored,
                                Type type) {
  if (stored.getType() == type)
    return stored;
  return arith::TruncIOp::create(builder, loc, type, stored);
}

//===----------------------------------------------------------------------===//
// RowArray
//===----------------------------------------------------------------------===//

RowArray::RowArray(OpBuilder &builder, Location loc, Value memref,
                   ArrayRef<Value> leading)
    : leading(leading.begin(), leading.end()) {
  auto type = cast<MemRefType>(memref.getType());
  elementType = type.getElementType();
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, memref);
  IndexMath math{builder, loc};
  auto [staticStrides, staticOffset] = type.getStridesAndOffset();
  auto known = [&](int64_t constant, Value value) {
    return ShapedType::isDynamic(constant) ? value : math.constant(constant);
  };
  base = metadata.getBaseBuffer();
  if (Type stored = getStoredType(elementType); stored != elementType) {
    // The same memory: both types are one when they are lowered.
    auto bytes =
        cast<MemRefType>(cast<MemRefType>(base.getType()).clone(stored));
    base = UnrealizedConversionCastOp::create(builder, loc, bytes, base)
               .getResult(0);
  }
  offset = known(staticOffset, metadata.getOffset());
  for (auto [constant, value] : llvm::zip(staticStrides, metadata.getStrides()))
    strides.push_back(known(constant, value));
  width = known(type.getShape().back(), metadata.getSizes().back());
  if (staticStrides.back() != 1)
    innerStride = strides.back();
  strides.pop_back();
  for (auto [dim, size] : llvm::zip(type.getShape().drop_back(), leading)) {
    repeats.push_back(dim == 1 && IndexMath::getConstant(size) != 1);
    repeated |= repeats.back();
  }
  collapsible =
      !repeated && (strides.size() <= 1 || type.getLayout().isIdentity());
}

int64_t RowArray::getElementBytes() const {
  return getStoredType(elementType).getIntOrFloatBitWidth() / 8;
}

Value RowArray::getRowOffset(OpBuilder &builder, Location loc,
                             Value row) const {
  IndexMath math{builder, loc};
  if (strides.empty())
    return offset;
  if (collapsible)
    return math.add(offset, math.mul(row, strides.back()));
  Value result = offset;
  for (unsigned i = strides.size(); i-- > 0;) {
    Value index = i == 0 ? row : math.rem(row, leading[i]);
    if (i != 0)
      row = math.div(row, leading[i]);
    if (!repeats[i])
      result = math.add(result, math.mul(index, strides[i]));
  }
  return result;
}

Value RowArray::getRowView(OpBuilder &builder, Location loc,
                           Value rowOffset) const {
  IndexMath math{builder, loc};
  auto type = MemRefType::get(
      {ShapedType::kDynamic}, getStoredType(elementType),
      StridedLayoutAttr::get(builder.getContext(), ShapedType::kDynamic, {1}));
  Value size = innerStride ? math.mul(width, innerStride) : width;
  return memref::ReinterpretCastOp::create(
      builder, loc, type, base, OpFoldResult(rowOffset),
      ArrayRef<OpFoldResult>{size},
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
}

Value RowArray::isAligned(OpBuilder &builder, Location loc,
                          int64_t bytes) const {
  if (innerStride)
    return arith::ConstantIntOp::create(builder, loc, 0, 1);
  IndexMath math{builder, loc};
  Value elementBytes = math.constant(getElementBytes());
  Value bits = math.add(
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, base),
      math.mul(offset, elementBytes));
  for (Value stride : strides)
    bits = arith::OrIOp::create(builder, loc, bits,
                                math.mul(stride, elementBytes));
  Value low =
      arith::AndIOp::create(builder, loc, bits, math.constant(bytes - 1));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, low,
                               math.constant(0));
}

/// The offsets of a vector's lanes from its first element.
Value RowArray::getLanes(OpBuilder &builder, Location loc,
                         VectorType type) const {
  auto indices = VectorType::get(type.getShape(), builder.getIndexType(),
                                 type.getScalableDims());
  Value lanes = vector::StepOp::create(builder, loc, indices);
  Value stride =
      vector::BroadcastOp::create(builder, loc, indices, innerStride);
  return arith::MulIOp::create(builder, loc, lanes, stride);
}

static Value makeMask(OpBuilder &builder, Location loc, VectorType type,
                      Value mask) {
  if (mask)
    return mask;
  auto maskType = VectorType::get(type.getShape(), builder.getI1Type(),
                                  type.getScalableDims());
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(maskType, builder.getBoolAttr(true)));
}

Value RowArray::load(OpBuilder &builder, Location loc, Value view, Value column,
                     VectorType type, Value mask, ArrayAccess access) const {
  auto stored = cast<VectorType>(getStoredType(type));
  return fromStored(
      builder, loc,
      loadStored(builder, loc, view, column, stored, mask, access), type);
}

Value RowArray::loadStored(OpBuilder &builder, Location loc, Value view,
                           Value column, VectorType type, Value mask,
                           ArrayAccess access) const {
  if (!innerStride && !mask)
    return vector::LoadOp::create(builder, loc, type, view, column,
                                  access.nontemporal,
                                  llvm::MaybeAlign(access.alignment));
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  if (!innerStride)
    return vector::MaskedLoadOp::create(builder, loc, type, view, column, mask,
                                        zero);
  Value start = IndexMath{builder, loc}.mul(column, innerStride);
  return vector::GatherOp::create(builder, loc, type, view, ValueRange(start),
                                  getLanes(builder, loc, type),
                                  makeMask(builder, loc, type, mask), zero);
}

void RowArray::store(OpBuilder &builder, Location loc, Value view, Value column,
                     Value vector, Value mask, ArrayAccess access) const {
  vector = toStored(builder, loc, vector);
  auto type = cast<VectorType>(vector.getType());
  if (innerStride) {
    Value start = IndexMath{builder, loc}.mul(column, innerStride);
    vector::ScatterOp::create(builder, loc, /*resultType=*/Type(), view,
                              ValueRange(start), getLanes(builder, loc, type),
                              makeMask(builder, loc, type, mask), vector);
    return;
  }
  if (mask) {
    vector::MaskedStoreOp::create(builder, loc, view, column, mask, vector);
    return;
  }
  vector::StoreOp::create(builder, loc, vector, view, column,
                          access.nontemporal,
                          llvm::MaybeAlign(access.alignment));
}

Value RowArray::loadScalar(OpBuilder &builder, Location loc, Value view,
                           Value column) const {
  if (innerStride)
    column = IndexMath{builder, loc}.mul(column, innerStride);
  return fromStored(builder, loc,
                    memref::LoadOp::create(builder, loc, view, column),
                    elementType);
}

void RowArray::storeScalar(OpBuilder &builder, Location loc, Value view,
                           Value column, Value scalar) const {
  if (innerStride)
    column = IndexMath{builder, loc}.mul(column, innerStride);
  memref::StoreOp::create(builder, loc, toStored(builder, loc, scalar), view,
                          column);
}

void RowArray::addAtomically(OpBuilder &builder, Location loc, Value view,
                             Value column, Value scalar) const {
  if (innerStride)
    column = IndexMath{builder, loc}.mul(column, innerStride);
  memref::AtomicRMWOp::create(builder, loc, arith::AtomicRMWKind::addf, scalar,
                              view, column);
}

void RowArray::prefetch(OpBuilder &builder, Location loc, Value view,
                        Value column, unsigned level) const {
  memref::PrefetchOp::create(builder, loc, view, column, /*isWrite=*/false,
                             /*localityHint=*/4 - level, /*isDataCache=*/true);
}
