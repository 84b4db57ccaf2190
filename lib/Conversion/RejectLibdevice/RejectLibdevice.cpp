//===- RejectLibdevice.cpp - Functions that need a missing library -------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says so where the model needs one, before the driver does where it loads.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_REJECTLIBDEVICE
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {
struct RejectLibdevice : seednorm::impl::RejectLibdeviceBase<RejectLibdevice> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([](LLVM::CallOp call) {
      std::optional<StringRef> callee = call.getCallee();
      if (!callee || !callee->starts_with("__nv_") ||
          !call->getParentOfType<gpu::GPUModuleOp>())
        return WalkResult::advance();
      call.emitError("needs the function '")
          << *callee
          << "' of NVIDIA's libdevice.10.bc, which is part of the CUDA "
             "toolkit: name its file by SEEDNORM_LIBDEVICE";
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
