//===- ROCDLInstructions.cpp - What ROCm has libraries for ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes of grids and failed assertions without a library, and an error for what
// is left that needs one. Knows nothing of what kernels compute.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_ROCDLINSTRUCTIONS
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

/// The address space of constants, where the hidden arguments are.
constexpr unsigned constantSpace = 4;

/// From version 5 of the code objects on, a kernel's hidden arguments begin
/// with the number of workgroups in each dimension.
void lowerGridSize(gpu::GridDimOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type i32 = builder.getI32Type();
  auto pointer = LLVM::LLVMPointerType::get(op.getContext(), constantSpace);
  Value hidden =
      LLVM::CallIntrinsicOp::create(
          builder, loc, pointer,
          builder.getStringAttr("llvm.amdgcn.implicitarg.ptr"), ValueRange())
          .getResult(0);
  auto dimension = static_cast<int32_t>(op.getDimension());
  Value address = LLVM::GEPOp::create(builder, loc, pointer, i32, hidden,
                                      ArrayRef<LLVM::GEPArg>{dimension});
  auto size = LLVM::LoadOp::create(builder, loc, i32, address, /*alignment=*/4);
  size.setInvariant(true);
  op.replaceAllUsesWith(
      arith::IndexCastUIOp::create(builder, loc, op.getType(), size)
          .getResult());
  op.erase();
}

/// The upstream lowering would call the C library's abort.
void lowerAssert(cf::AssertOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Value no = arith::ConstantIntOp::create(builder, loc, 1, 1);
  no = arith::XOrIOp::create(builder, loc, op.getArg(), no);
  auto branch = scf::IfOp::create(builder, loc, no, /*withElse=*/false);
  builder.setInsertionPointToStart(branch.thenBlock());
  LLVM::Trap::create(builder, loc);
  op.erase();
}

/// Functions of f64 that LLVM has a name for, but no AMD GPU an instruction.
bool isLibraryFunction(Operation *op) {
  if (op->getNumResults() != 1 ||
      !getElementTypeOrSelf(op->getResult(0).getType()).isF64())
    return false;
  return isa<LLVM::ExpOp, LLVM::Exp2Op, LLVM::Exp10Op, LLVM::LogOp,
             LLVM::Log2Op, LLVM::Log10Op, LLVM::PowOp, LLVM::SinOp, LLVM::CosOp,
             LLVM::TanOp, LLVM::ASinOp, LLVM::ACosOp, LLVM::ATanOp,
             LLVM::ATan2Op, LLVM::SinhOp, LLVM::CoshOp, LLVM::TanhOp>(op);
}

struct ROCDLInstructions
    : seednorm::impl::ROCDLInstructionsBase<ROCDLInstructions> {
  void runOnOperation() override {
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      if (auto size = dyn_cast<gpu::GridDimOp>(op))
        lowerGridSize(size);
      else if (auto assertion = dyn_cast<cf::AssertOp>(op))
        lowerAssert(assertion);
      else
        failed |= mlir::failed(check(op));
    });
    if (failed)
      signalPassFailure();
  }

  LogicalResult check(Operation *op) {
    auto call = dyn_cast<LLVM::CallOp>(op);
    StringRef callee = call ? call.getCallee().value_or("") : "";
    bool library =
        callee.starts_with("__ocml_") || callee.starts_with("__ockl_");
    if (!library && !isLibraryFunction(op))
      return success();
    InFlightDiagnostic error = op->emitOpError("needs ");
    if (library)
      error << "'" << callee << "' of ";
    return error << "ROCm's device libraries, which kernels are not linked "
                    "with; functions of f32 need none";
  }
};

} // namespace
