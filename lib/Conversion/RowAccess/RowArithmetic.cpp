//===- RowArithmetic.cpp - Reductions as arithmetic ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/RowArithmetic.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace mlir::rowwise;

void mlir::rowwise::addFastMath(Operation *op, arith::FastMathFlags flags) {
  auto fast = dyn_cast<arith::ArithFastMathInterface>(op);
  // Casts have no flags unless they are given some.
  if (!fast || !fast.getFastMathFlagsAttr())
    return;
  op->setAttr(
      fast.getFastMathAttrName(),
      arith::FastMathFlagsAttr::get(
          op->getContext(), fast.getFastMathFlagsAttr().getValue() | flags));
}

Value mlir::rowwise::combine(OpBuilder &builder, Location loc, ReduceKind kind,
                             Value a, Value b) {
  Operation *op = nullptr;
  switch (kind) {
  case ReduceKind::add:
  case ReduceKind::mean:
    op = arith::AddFOp::create(builder, loc, a, b);
    break;
  case ReduceKind::max:
    op = arith::MaximumFOp::create(builder, loc, a, b);
    break;
  case ReduceKind::min:
    op = arith::MinimumFOp::create(builder, loc, a, b);
    break;
  }
  addFastMath(op, arith::FastMathFlags::contract);
  return op->getResult(0);
}

Value mlir::rowwise::getIdentity(OpBuilder &builder, Location loc,
                                 ReduceKind kind, Type type) {
  auto element = cast<FloatType>(getElementTypeOrSelf(type));
  const llvm::fltSemantics &semantics = element.getFloatSemantics();
  APFloat value = APFloat::getZero(semantics, /*Negative=*/true);
  if (kind == ReduceKind::max)
    value = APFloat::getInf(semantics, /*Negative=*/true);
  if (kind == ReduceKind::min)
    value = APFloat::getInf(semantics);
  TypedAttr attr = FloatAttr::get(element, value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(builder, loc, attr);
}

Value mlir::rowwise::widen(OpBuilder &builder, Location loc, Value value,
                           Type least) {
  if (getElementTypeOrSelf(value).getIntOrFloatBitWidth() >=
      least.getIntOrFloatBitWidth())
    return value;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    least = vector.clone(least);
  return arith::ExtFOp::create(builder, loc, least, value);
}

Value mlir::rowwise::narrow(OpBuilder &builder, Location loc, Value value,
                            Type type) {
  if (value.getType() == type)
    return value;
  return arith::TruncFOp::create(builder, loc, type, value);
}

bool mlir::rowwise::isIntegerDivision(Operation *op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
             arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op);
}
