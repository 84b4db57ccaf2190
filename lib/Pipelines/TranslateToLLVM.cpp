//===- TranslateToLLVM.cpp - LLVM IR with entry wrappers -----------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The last step in MLIR's hands: LLVM IR for a target, and one uniform wrapper
// for each entry point so that the runtime can call any of them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

static constexpr llvm::StringLiteral interfacePrefix = "_mlir_ciface_";

/// `void seednorm_entry_f(void **args)` calls the C interface of `f` with the
/// pointers of the array.
static void addEntryWrapper(llvm::Module &module, llvm::Function &target) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::get(context, 0);
  auto *type =
      llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer},
                              /*isVarArg=*/false);
  auto *wrapper = llvm::Function::Create(
      type, llvm::Function::ExternalLinkage,
      "seednorm_entry_" + target.getName().drop_front(interfacePrefix.size()),
      module);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", wrapper));
  SmallVector<llvm::Value *> arguments;
  for (unsigned i = 0; i < target.arg_size(); ++i) {
    llvm::Value *slot =
        builder.CreateConstGEP1_64(pointer, wrapper->getArg(0), i);
    arguments.push_back(builder.CreateLoad(pointer, slot));
  }
  builder.CreateCall(&target, arguments);
  builder.CreateRetVoid();
}

llvm::Expected<std::unique_ptr<llvm::Module>>
mlir::seednorm::translateToLLVM(ModuleOp module, llvm::LLVMContext &context,
                                const TargetOptions &target) {
  registerBuiltinDialectTranslation(*module.getContext());
  registerLLVMDialectTranslation(*module.getContext());
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context);
  if (!result)
    return llvm::createStringError("translation to LLVM IR failed");

  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::Triple triple(target.triple.empty() ? llvm::sys::getProcessTriple()
                                            : target.triple);
  std::string error;
  const llvm::Target *llvmTarget =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!llvmTarget)
    return llvm::createStringError("unknown target '" + triple.str() +
                                   "': " + error);
  std::unique_ptr<llvm::TargetMachine> machine(llvmTarget->createTargetMachine(
      triple, target.cpu, target.features, llvm::TargetOptions(),
      llvm::Reloc::PIC_));
  if (!machine)
    return llvm::createStringError("target '" + triple.str() +
                                   "' generates no machine code");
  result->setTargetTriple(triple);
  result->setDataLayout(machine->createDataLayout());

  SmallVector<llvm::Function *> interfaces;
  for (llvm::Function &function : *result)
    if (!function.isDeclaration() &&
        function.getName().starts_with(interfacePrefix))
      interfaces.push_back(&function);
  for (llvm::Function *function : interfaces)
    addEntryWrapper(*result, *function);
  return result;
}
