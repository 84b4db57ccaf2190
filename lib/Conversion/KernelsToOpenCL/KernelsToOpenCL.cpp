//===- KernelsToOpenCL.cpp - Kernels as LLVM's SPIR-V back end takes them -===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One conversion to the LLVM dialect, with the address spaces and the builtin
// functions of OpenCL. Knows nothing of what kernels compute.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/GPUToLLVMSPV/GPUToLLVMSPVPass.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/TypeUtilities.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_KERNELSTOOPENCL
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

namespace {

struct KernelsToOpenCL : seednorm::impl::KernelsToOpenCLBase<KernelsToOpenCL> {
  using KernelsToOpenCLBase::KernelsToOpenCLBase;

  void runOnOperation() override;
  LogicalResult check();
  void replaceTypes();
};

bool isBF16(Type type) { return getElementTypeOrSelf(type).isBF16(); }

/// What OpenCL has no word for.
LogicalResult KernelsToOpenCL::check() {
  WalkResult result = getOperation().walk([](Operation *op) {
    if (isa<cf::AssertOp>(op)) {
      op->emitOpError("cannot be in a kernel for SPIR-V, which has no way to "
                      "fail; indices that come from data need one");
      return WalkResult::interrupt();
    }
    if (isa<memref::AtomicRMWOp>(op)) {
      op->emitOpError("cannot be in a kernel for SPIR-V, which adds no floats "
                      "atomically without extensions; a schedule must not have "
                      "'atomics'");
      return WalkResult::interrupt();
    }
    bool computes =
        isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
        !isa<arith::BitcastOp, arith::ConstantOp, arith::SelectOp>(op);
    if (computes && (llvm::any_of(op->getOperandTypes(), isBF16) ||
                     llvm::any_of(op->getResultTypes(), isBF16))) {
      op->emitOpError("computes in bf16, but kernels for SPIR-V only load and "
                      "store it; f32 is needed in between");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Elements of bf16 become integers, and arrays say that they are in global
/// memory.
void KernelsToOpenCL::replaceTypes() {
  MLIRContext *context = &getContext();
  Type i16 = IntegerType::get(context, 16);
  getOperation().walk([&](arith::ConstantOp op) {
    if (!isBF16(op.getType()))
      return;
    TypedAttr value = op.getValue();
    if (auto elements = dyn_cast<DenseElementsAttr>(value))
      value = elements.bitcast(i16);
    else
      value = IntegerAttr::get(
          i16, cast<FloatAttr>(value).getValue().bitcastToAPInt());
    op.setValueAttr(value);
    op.getResult().setType(value.getType());
  });
  auto global = gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Global);
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](BFloat16Type) -> Type { return i16; });
  replacer.addReplacement([&](MemRefType type) -> std::optional<Type> {
    Type element = type.getElementType().isBF16() ? i16 : type.getElementType();
    Attribute space = type.getMemorySpace() ? type.getMemorySpace() : global;
    return MemRefType::get(type.getShape(), element, type.getLayout(), space);
  });
  replacer.recursivelyReplaceElementsIn(getOperation(), /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

void KernelsToOpenCL::runOnOperation() {
  if (failed(check()))
    return signalPassFailure();
  replaceTypes();
  MLIRContext *context = &getContext();
  Builder builder(context);
  // Shuffles are between so many threads; the lowering looks for this.
  for (auto kernel : getOperation().getOps<gpu::GPUFuncOp>())
    kernel->setAttr("intel_reqd_sub_group_size",
                    builder.getI32IntegerAttr(subgroupSize));
  LowerToLLVMOptions options(context);
  options.overrideIndexBitwidth(64);
  LLVMTypeConverter types(context, options);
  populateGpuMemorySpaceAttributeConversions(types);
  RewritePatternSet patterns(context);
  populateGpuToLLVMSPVConversionPatterns(types, patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  populateMathToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  populateFinalizeMemRefToLLVMConversionPatterns(types, patterns);
  populateVectorToLLVMConversionPatterns(types, patterns);
  ub::populateUBToLLVMConversionPatterns(types, patterns);
  LLVMConversionTarget target(*context);
  target.addIllegalDialect<gpu::GPUDialect, math::MathDialect>();
  target.addLegalOp<gpu::GPUModuleOp>();
  if (failed(
          applyPartialConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}

} // namespace
