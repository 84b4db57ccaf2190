//===- LinalgToGemm.cpp - Matrix products as calls of the runtime --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands linalg.matmul and linalg.batch_matmul on memrefs to the runtime's GEMM
// with their strides. Knows nothing of which weights are constant.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Conversion/SizeChecks.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_LINALGTOGEMM
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static constexpr StringLiteral gemmName = "seednorm_rt_gemm";

namespace {

/// Loops of a matrix product, by their positions in the operation's maps.
struct Loops {
  std::optional<unsigned> batch;
  unsigned m, n, k;
};

/// The memref's dimension that a loop runs along; nullopt if it does not occur.
std::optional<unsigned> findDim(AffineMap map, unsigned loop) {
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr);
        dim && dim.getPosition() == loop)
      return i;
  return std::nullopt;
}

/// The element type's code in the runtime's interface.
std::optional<int32_t> getTypeCode(Type type) {
  if (type.isF32())
    return 0;
  if (type.isBF16())
    return 1;
  if (type.isF16())
    return 2;
  return std::nullopt;
}

class GemmCall {
public:
  explicit GemmCall(linalg::LinalgOp op)
      : op(op), builder(op), loc(op.getLoc()) {}

  /// False if the runtime cannot do it, and it stays a loop nest.
  bool emit();

private:
  bool isSupported();
  void addMatrix(OpOperand &operand, unsigned rowLoop, unsigned columnLoop);
  Value toI64(OpFoldResult value);
  bool dropZeroFill();

  linalg::LinalgOp op;
  OpBuilder builder;
  Location loc;
  Loops loops;
  SmallVector<Value> arguments;
};

bool GemmCall::isSupported() {
  if (!op.hasPureBufferSemantics())
    return false;
  std::optional<int32_t> code =
      getTypeCode(getElementTypeOrSelf(op->getOperand(0)));
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (!code || getTypeCode(getElementTypeOrSelf(operand.get())) != code ||
        !cast<MemRefType>(operand.get().getType()).isStrided() ||
        !map.isProjectedPermutation() ||
        map.getNumResults() != (loops.batch ? 3 : 2))
      return false;
  }
  return true;
}

Value GemmCall::toI64(OpFoldResult value) {
  if (auto attr = dyn_cast<Attribute>(value))
    return arith::ConstantIntOp::create(builder, loc,
                                        cast<IntegerAttr>(attr).getInt(), 64);
  return arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                    cast<Value>(value));
}

/// Adds the address of a matrix and its strides along batch, rows and columns.
void GemmCall::addMatrix(OpOperand &operand, unsigned rowLoop,
                         unsigned columnLoop) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, operand.get());
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc,
                                                              operand.get());
  int64_t bytes =
      getElementTypeOrSelf(operand.get()).getIntOrFloatBitWidth() / 8;
  Value size = arith::ConstantIndexOp::create(builder, loc, bytes);
  Value offset =
      arith::MulIOp::create(builder, loc, metadata.getOffset(), size);
  Value address = arith::AddIOp::create(builder, loc, base, offset);
  arguments.push_back(LLVM::IntToPtrOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext()),
      toI64(address)));
  arguments.push_back(
      loops.batch ? toI64(metadata.getStrides()[*findDim(map, *loops.batch)])
                  : toI64(builder.getIndexAttr(0)));
  arguments.push_back(toI64(metadata.getStrides()[*findDim(map, rowLoop)]));
  arguments.push_back(toI64(metadata.getStrides()[*findDim(map, columnLoop)]));
}

/// Removes a `linalg.fill` of zero that only this product reads.
bool GemmCall::dropZeroFill() {
  Value out = op.getDpsInits()[0];
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto fill = dyn_cast<linalg::FillOp>(before);
    if (fill && fill.getOutputs()[0] == out) {
      if (!matchPattern(fill.getInputs()[0], m_AnyZeroFloat()))
        return false;
      fill.erase();
      return true;
    }
    // Whatever may touch memory may read the zeros.
    if (!isMemoryEffectFree(before) && !isa<memref::AllocOp>(before))
      return false;
  }
  return false;
}

bool GemmCall::emit() {
  loops = isa<linalg::BatchMatmulOp>(op) ? Loops{0, 1, 2, 3}
                                         : Loops{std::nullopt, 0, 1, 2};
  if (!isSupported())
    return false;
  OpOperand &a = op->getOpOperand(0), &b = op->getOpOperand(1),
            &c = op->getOpOperand(2);
  bool zeroed = dropZeroFill();
  seednorm::assertEqualLoopSizes(builder, op,
                                 "the sizes of a matrix product do not agree");
  auto constant = [&](int32_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 32);
  };
  auto size = [&](OpOperand &operand, unsigned loop) {
    return toI64(memref::getMixedSize(
        builder, loc, operand.get(),
        *findDim(op.getMatchingIndexingMap(&operand), loop)));
  };
  arguments.push_back(constant(*getTypeCode(getElementTypeOrSelf(a.get()))));
  arguments.push_back(loops.batch ? size(c, *loops.batch)
                                  : toI64(builder.getIndexAttr(1)));
  arguments.push_back(size(c, loops.m));
  arguments.push_back(size(c, loops.n));
  arguments.push_back(size(a, loops.k));
  addMatrix(a, loops.m, loops.k);
  addMatrix(b, loops.k, loops.n);
  addMatrix(c, loops.m, loops.n);
  arguments.push_back(constant(zeroed ? 0 : 1));
  func::CallOp::create(builder, loc, gemmName, TypeRange(), arguments);
  op->erase();
  return true;
}

struct LinalgToGemm : seednorm::impl::LinalgToGemmBase<LinalgToGemm> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> products;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op))
        products.push_back(op);
    });
    bool called = false;
    for (linalg::LinalgOp op : products)
      called |= GemmCall(op).emit();
    if (called && !getOperation().lookupSymbol(gemmName))
      declareGemm();
  }

  void declareGemm() {
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    Type i32 = builder.getI32Type(), i64 = builder.getI64Type();
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    SmallVector<Type> types = {i32, i64, i64, i64, i64};
    for (int matrix = 0; matrix < 3; ++matrix)
      types.append({pointer, i64, i64, i64});
    types.push_back(i32);
    auto function =
        func::FuncOp::create(builder, getOperation().getLoc(), gemmName,
                             builder.getFunctionType(types, {}));
    function.setPrivate();
  }
};

} // namespace
