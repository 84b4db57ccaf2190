//===- BF16Instructions.cpp - Vectors to bf16 by the CPU's instruction ---===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The instruction flushes subnormal numbers, so vectors that have one take the
// way of other CPUs, which arith-expand writes. Knows nothing of row programs.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/Dialect/Rowwise/Transforms/VectorISA.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_BF16INSTRUCTIONS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

bool isConversion(arith::TruncFOp op) {
  auto from = dyn_cast<VectorType>(op.getIn().getType());
  auto to = dyn_cast<VectorType>(op.getType());
  // Shorter vectors have no instruction.
  return from && to && from.getRank() == 1 && !from.isScalable() &&
         from.getNumElements() >= 4 && from.getElementType().isF32() &&
         to.getElementType().isBF16();
}

/// Whether the exponent of any element is zero.
Value hasSubnormal(OpBuilder &builder, Location loc, Value vector) {
  auto type = cast<VectorType>(vector.getType()).clone(builder.getI32Type());
  auto splat = [&](uint32_t bits) -> Value {
    return arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getI32IntegerAttr(bits)));
  };
  Value bits = arith::BitcastOp::create(builder, loc, type, vector);
  Value exponent = arith::AndIOp::create(builder, loc, bits, splat(0x7f800000));
  Value isZero = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       exponent, splat(0));
  return vector::ReductionOp::create(builder, loc, vector::CombiningKind::OR,
                                     isZero);
}

void useInstruction(arith::TruncFOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto branch = scf::IfOp::create(builder, loc, op.getType(),
                                  hasSubnormal(builder, loc, op.getIn()),
                                  /*withElseRegion=*/true);
  op.replaceAllUsesWith(branch.getResult(0));
  builder.setInsertionPointToEnd(branch.thenBlock());
  op->moveBefore(scf::YieldOp::create(builder, loc, op.getResult()));
  builder.setInsertionPointToEnd(branch.elseBlock());
  Value fast = LLVM::FPTruncOp::create(builder, loc, op.getType(), op.getIn());
  scf::YieldOp::create(builder, loc, fast);
}

struct BF16Instructions
    : seednorm::impl::BF16InstructionsBase<BF16Instructions> {
  using BF16InstructionsBase::BF16InstructionsBase;

  void runOnOperation() override {
    auto isa = rowwise::getVectorISA(triple, cpu, features);
    if (!isa) {
      getOperation()->emitError(llvm::toString(isa.takeError()));
      return signalPassFailure();
    }
    if (!isa->convertsToBF16)
      return;
    SmallVector<arith::TruncFOp> conversions;
    getOperation()->walk([&](arith::TruncFOp op) {
      if (isConversion(op))
        conversions.push_back(op);
    });
    llvm::for_each(conversions, useInstruction);
  }
};

} // namespace
