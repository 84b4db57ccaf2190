//===- KernelsToSPIRV.cpp - Modules of kernels as SPIR-V -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What gpu-module-to-binary is for other targets: upstream's one for LLVM's
// SPIR-V back end is Intel's, and changes the size of subgroups. Knows nothing
// of what kernels do.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SPIRV/IR/SPIRVDialect.h"
#include "mlir/Dialect/SPIRV/IR/TargetAndABI.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "seednorm/Conversion/Passes.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Scalar/Scalarizer.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_KERNELSTOSPIRV
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

extern "C" {
void LLVMInitializeSPIRVTargetInfo();
void LLVMInitializeSPIRVTarget();
void LLVMInitializeSPIRVTargetMC();
void LLVMInitializeSPIRVAsmPrinter();
}

using namespace mlir;

static constexpr StringLiteral spirvTriple = "spirv64v1.4-unknown-unknown";

namespace {

class Serializer : public LLVM::ModuleToObject {
public:
  Serializer(gpu::GPUModuleOp module, gpu::CompilationTarget format)
      : ModuleToObject(*module, spirvTriple, /*chip=*/""), format(format) {}

protected:
  /// SPIR-V has no vectors of one element.
  LogicalResult optimizeModule(llvm::Module &llvmModule, int level) override {
    if (failed(ModuleToObject::optimizeModule(llvmModule, level)))
      return failure();
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    llvm::ScalarizerPassOptions options;
    options.ScalarizeMinBits = 1024; // longer than any other vector
    options.ScalarizeLoadStore = true;
    llvm::ModulePassManager passes;
    passes.addPass(
        llvm::createModuleToFunctionPassAdaptor(llvm::ScalarizerPass(options)));
    passes.run(llvmModule, modules);
    return success();
  }

  FailureOr<SmallVector<char, 0>>
  moduleToObject(llvm::Module &llvmModule) override {
    if (format == gpu::CompilationTarget::Offload)
      return ModuleToObject::moduleToObject(llvmModule);
    FailureOr<llvm::TargetMachine *> machine = getOrCreateTargetMachine();
    if (failed(machine))
      return failure();
    SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    auto type = format == gpu::CompilationTarget::Assembly
                    ? llvm::CodeGenFileType::AssemblyFile
                    : llvm::CodeGenFileType::ObjectFile;
    if ((*machine)->addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                        type))
      return failure();
    passes.run(llvmModule);
    return bytes;
  }

private:
  gpu::CompilationTarget format;
};

std::optional<gpu::CompilationTarget> parseFormat(StringRef text) {
  if (text == "llvm")
    return gpu::CompilationTarget::Offload;
  if (text == "isa")
    return gpu::CompilationTarget::Assembly;
  if (text == "bin")
    return gpu::CompilationTarget::Binary;
  return std::nullopt;
}

void initializeTarget() {
  static bool initialized = [] {
    LLVMInitializeSPIRVTargetInfo();
    LLVMInitializeSPIRVTarget();
    LLVMInitializeSPIRVTargetMC();
    LLVMInitializeSPIRVAsmPrinter();
    return true;
  }();
  (void)initialized;
}

struct KernelsToSPIRV : seednorm::impl::KernelsToSPIRVBase<KernelsToSPIRV> {
  using KernelsToSPIRVBase::KernelsToSPIRVBase;

  void runOnOperation() override {
    std::optional<gpu::CompilationTarget> known = parseFormat(format);
    if (!known) {
      getOperation().emitError("unknown kernel format '")
          << format << "', where llvm, isa or bin is expected";
      return signalPassFailure();
    }
    initializeTarget();
    for (auto module :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(serialize(module, *known)))
        return signalPassFailure();
  }

  LogicalResult serialize(gpu::GPUModuleOp module,
                          gpu::CompilationTarget format) {
    std::optional<SmallVector<char, 0>> bytes =
        Serializer(module, format).run();
    if (!bytes)
      return module.emitOpError("cannot be written as SPIR-V");
    MLIRContext *context = &getContext();
    auto environment = spirv::TargetEnvAttr::get(
        spirv::VerCapExtAttr::get(spirv::Version::V_1_4,
                                  {spirv::Capability::Kernel}, {}, context),
        spirv::getDefaultResourceLimits(context), spirv::ClientAPI::OpenCL);
    OpBuilder builder(module);
    auto object = gpu::ObjectAttr::get(
        environment, format,
        builder.getStringAttr(StringRef(bytes->data(), bytes->size())),
        /*properties=*/nullptr, /*kernels=*/nullptr);
    gpu::BinaryOp::create(builder, module.getLoc(), module.getName(),
                          /*offloadingHandler=*/nullptr,
                          builder.getArrayAttr({object}));
    module.erase();
    return success();
  }
};

} // namespace
