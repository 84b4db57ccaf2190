//===- Program.cpp - A GPU module as code of the host --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the passes over IR that the GPU's code generator would run, then hands
// the retargeted module to ORC. Only builtins are linked.
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "Builtins.h"
#include "Lowering.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Scalar/InferAddressSpaces.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/ScalarizeMaskedMemIntrin.h"
#include "llvm/Transforms/Vectorize/LoadStoreVectorizer.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeAMDGPUTargetInfo();
void LLVMInitializeAMDGPUTarget();
void LLVMInitializeAMDGPUTargetMC();
}

static void initializeTargets() {
  static bool initialized = [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeAMDGPUTargetInfo();
    LLVMInitializeAMDGPUTarget();
    LLVMInitializeAMDGPUTargetMC();
    return true;
  }();
  (void)initialized;
}

//===----------------------------------------------------------------------===//
// For the GPU
//===----------------------------------------------------------------------===//

static Expected<std::unique_ptr<TargetMachine>>
createDeviceMachine(const Triple &triple, StringRef chip) {
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("the emulator has no target for '" + triple.str() +
                     "': " + message);
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      triple, chip, "", TargetOptions(), Reloc::PIC_));
  if (!machine)
    return makeError("target '" + triple.str() + "' cannot be set up");
  return machine;
}

/// What the GPU's code generator does to IR and what decides about accesses to
/// memory: their widths and their address spaces.
static Error prepareAsForDevice(llvm::Module &module, TargetMachine &machine,
                                bool optimize) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  if (optimize)
    builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
        .run(module, modules);
  ModulePassManager all;
  // What libdevice asks about the target.
  if (module.getTargetTriple().isNVPTX())
    if (Error error = builder.parsePassPipeline(all, "nvvm-reflect"))
      return error;
  FunctionPassManager passes;
  passes.addPass(ScalarizeMaskedMemIntrinPass());
  passes.addPass(SROAPass(SROAOptions::PreserveCFG));
  passes.addPass(InferAddressSpacesPass());
  passes.addPass(LoadStoreVectorizerPass());
  all.addPass(createModuleToFunctionPassAdaptor(std::move(passes)));
  all.run(module, modules);
  return Error::success();
}

static Error verify(const llvm::Module &module, StringRef stage) {
  std::string broken;
  raw_string_ostream stream(broken);
  if (verifyModule(module, &stream))
    return makeError(stage + ": " + StringRef(broken).trim());
  return Error::success();
}

//===----------------------------------------------------------------------===//
// For the host
//===----------------------------------------------------------------------===//

/// Attributes of the other target, and promises about calls that have become
/// others.
static void dropDeviceAttributes(llvm::Module &module) {
  for (Function &function : module) {
    function.setCallingConv(CallingConv::C);
    if (function.isIntrinsic())
      continue;
    function.setAttributes({});
    function.setComdat(nullptr);
    for (BasicBlock &block : function)
      for (Instruction &instruction : block) {
        // LLVM fails to select some of these for the host.
        instruction.setMetadata(LLVMContext::MD_nontemporal, nullptr);
        if (auto *call = dyn_cast<CallBase>(&instruction))
          call->setCallingConv(CallingConv::C);
      }
  }
  if (NamedMDNode *annotations = module.getNamedMetadata("nvvm.annotations"))
    module.eraseNamedMetadata(annotations);
}

static Error defineBuiltins(orc::LLJIT &jit) {
  orc::SymbolMap symbols;
  for (ArrayRef<Builtin> table : {getThreadBuiltins(), getMathBuiltins()})
    for (const Builtin &builtin : table)
      symbols[jit.mangleAndIntern(builtin.name)] = {
          orc::ExecutorAddr::fromPtr(builtin.address),
          JITSymbolFlags::Exported | JITSymbolFlags::Callable};
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static Expected<std::unique_ptr<orc::LLJIT>> createJIT() {
  auto machine = orc::JITTargetMachineBuilder::detectHost();
  if (!machine)
    return machine.takeError();
  machine->setCodeGenOptLevel(CodeGenOptLevel::Default);
  // The conversions of these flush subnormals, which a GPU's do not.
  machine->addFeatures({"-avx512bf16", "-avx512fp16", "-avxneconvert"});
  return orc::LLJITBuilder()
      .setJITTargetMachineBuilder(std::move(*machine))
      .setPlatformSetUp(orc::setUpInactivePlatform)
      .create();
}

Program::Program(const ProgramOptions &options) : options(options) {}
Program::~Program() = default;

Expected<std::unique_ptr<Program>>
Program::load(MemoryBufferRef bitcode, const ProgramOptions &options) {
  initializeTargets();
  auto context = std::make_unique<LLVMContext>();
  SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module = parseIR(bitcode, diagnostic, *context);
  if (!module)
    return makeError("cannot read the GPU module " +
                     quote(bitcode.getBufferIdentifier()) + ": " +
                     diagnostic.getMessage());
  const Triple &triple = module->getTargetTriple();
  if (!triple.isNVPTX() && !triple.isAMDGCN())
    return makeError("the emulator runs modules for nvptx64 and amdgcn, and "
                     "this one is for '" +
                     module->getTargetTriple().str() + "'");
  StringRef family = triple.isNVPTX() ? "sm_" : "gfx";
  if (!StringRef(options.chip).starts_with(family))
    return makeError("the GPU module is for '" + triple.str() +
                     "', but the emulated chip is '" + options.chip + "'");
  if (Error error = verify(*module, "the GPU module is invalid"))
    return error;
  auto machine = createDeviceMachine(module->getTargetTriple(), options.chip);
  if (!machine)
    return machine.takeError();
  if (Error error = prepareAsForDevice(*module, **machine, options.optimize))
    return error;

  std::unique_ptr<Program> program(new Program(options));
  if (Error error = retarget(*module, program->tables, options))
    return error;
  auto jit = createJIT();
  if (!jit)
    return jit.takeError();
  program->jit = std::move(*jit);
  program->jit->getExecutionSession().setErrorReporter(
      [&reported = program->reported](Error error) {
        std::string text = toString(std::move(error));
        if (reported.empty())
          reported = std::move(text);
      });
  dropDeviceAttributes(*module);
  module->setTargetTriple(program->jit->getTargetTriple());
  module->setDataLayout(program->jit->getDataLayout());
  if (Error error = verify(*module, "the retargeted module is invalid"))
    return error;
  if (Error error = defineBuiltins(*program->jit))
    return error;
  if (Error error = program->jit->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  auto lookup = [&](const Twine &name) -> Expected<void *> {
    auto address = program->jit->lookup(name.str());
    if (address)
      return address->toPtr<void *>();
    std::string text = toString(address.takeError());
    return makeError("cannot link the retargeted module: " +
                     (program->reported.empty() ? text : program->reported));
  };
  for (auto [index, kernel] : enumerate(program->tables.kernels)) {
    auto address = lookup("emu_entry_" + Twine(index));
    if (!address)
      return address.takeError();
    kernel.entry =
        reinterpret_cast<void (*)(ThreadContext *, void **)>(*address);
    program->kernels[kernel.name] = kernel;
  }
  for (auto &[name, bytes] : program->tables.variables) {
    auto address = lookup(name);
    if (!address)
      return address.takeError();
    program->variables.push_back({*address, bytes});
  }
  return program;
}

const Kernel *Program::find(StringRef name) const {
  auto it = kernels.find(name);
  return it == kernels.end() ? nullptr : &it->second;
}
