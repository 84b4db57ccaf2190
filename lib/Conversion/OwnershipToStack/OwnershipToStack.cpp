//===- OwnershipToStack.cpp - The host's own arrays stay on the host -----===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where arrays of the model are in a GPU's memory, those in which buffer
// deallocation notes who owns what must not be. Knows nothing of GPUs.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_OWNERSHIPTOSTACK
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

/// No array of a model has elements of type index.
static bool hasIndices(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getElementType().isIndex();
}

bool mlir::seednorm::takesOwnership(Operation *function) {
  auto op = dyn_cast<func::FuncOp>(function);
  return op && llvm::any_of(op.getArgumentTypes(), hasIndices);
}

namespace {

/// Whether the value goes nowhere but to host code about ownership.
bool isOfOwnership(Value array) {
  return llvm::all_of(array.getUsers(), [](Operation *user) {
    if (auto cast = dyn_cast<memref::CastOp>(user))
      return isOfOwnership(cast);
    auto call = dyn_cast<func::CallOp>(user);
    return isa<memref::LoadOp, memref::StoreOp, memref::DeallocOp>(user) ||
           (call && llvm::any_of(call.getOperandTypes(), hasIndices));
  });
}

struct OwnershipToStack
    : seednorm::impl::OwnershipToStackBase<OwnershipToStack> {
  void runOnOperation() override {
    SmallVector<memref::AllocOp> arrays;
    getOperation()->walk([&](memref::AllocOp alloc) {
      bool passedOn = llvm::any_of(alloc->getUsers(), [](Operation *user) {
        return isa<memref::CastOp>(user);
      });
      bool calls = hasIndices(alloc.getType()) || passedOn;
      if (alloc.getType().hasStaticShape() && calls && isOfOwnership(alloc))
        arrays.push_back(alloc);
    });
    for (memref::AllocOp alloc : arrays) {
      for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
        if (isa<memref::DeallocOp>(user))
          user->erase();
      // Once for each call of the function, also in a loop.
      auto function = alloc->getParentOfType<FunctionOpInterface>();
      OpBuilder builder =
          OpBuilder::atBlockBegin(&function.getFunctionBody().front());
      alloc.replaceAllUsesWith(
          memref::AllocaOp::create(builder, alloc.getLoc(), alloc.getType())
              .getResult());
      alloc.erase();
    }
  }
};

} // namespace
