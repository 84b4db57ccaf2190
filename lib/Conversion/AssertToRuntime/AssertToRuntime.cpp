//===- AssertToRuntime.cpp - Assertions as errors of the invocation ------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a program asserts of its inputs must not end the process that runs it.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_ASSERTTORUNTIME
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static constexpr StringLiteral failName = "seednorm_rt_fail";

namespace {
struct AssertToRuntime : seednorm::impl::AssertToRuntimeBase<AssertToRuntime> {
  void runOnOperation() override {
    SmallVector<cf::AssertOp> asserts;
    getOperation().walk([&](cf::AssertOp op) { asserts.push_back(op); });
    for (auto [i, op] : llvm::enumerate(asserts))
      lower(op, ("seednorm_message_" + Twine(i)).str());
    if (asserts.empty() || getOperation().lookupSymbol(failName))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    func::FuncOp::create(builder, getOperation().getLoc(), failName,
                         builder.getFunctionType(pointer, {}))
        .setPrivate();
  }

  void lower(cf::AssertOp op, StringRef messageName) {
    Location loc = op.getLoc();
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    std::string message = op.getMsg().str() + '\0';
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), message.size());
    auto global = LLVM::GlobalOp::create(
        builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
        messageName, builder.getStringAttr(message));
    builder.setInsertionPoint(op);
    Value one = arith::ConstantIntOp::create(builder, loc, 1, 1);
    Value failed = arith::XOrIOp::create(builder, loc, op.getArg(), one);
    auto branch = scf::IfOp::create(builder, loc, failed, /*withElse=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
    Value address = LLVM::AddressOfOp::create(builder, loc, global);
    func::CallOp::create(builder, loc, failName, TypeRange(), address);
    op.erase();
  }
};
} // namespace
