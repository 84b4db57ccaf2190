//===- Compiler.cpp - From LLVM IR to machine code -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM warns on stderr about CPUs and features that it does not know, and ends
// the process on errors of code generation: both are caught here.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Compiler.h"
#include "seednorm/Runtime/Entry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;
using namespace seednorm;

static void initializeTargets() {
  static bool initialized = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
    InitializeAllAsmParsers();
    return true;
  }();
  (void)initialized;
}

static std::string getHostFeatures() {
  std::vector<std::string> features;
  for (auto &[name, enabled] : sys::getHostCPUFeatures())
    features.push_back(((enabled ? "+" : "-") + name).str());
  // The map has no order, and the text becomes part of cache keys.
  llvm::sort(features);
  return join(features, ",");
}

static Expected<const Target *> findTarget(const Triple &triple) {
  initializeTargets();
  std::string error;
  const Target *found = TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return makeError("unknown target triple " + quote(triple.str()));
  return found;
}

static Error checkFeatures(const MCSubtargetInfo &subtarget, StringRef features,
                           const Triple &triple) {
  SmallVector<StringRef> parts;
  features.split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef feature : parts) {
    if (!feature.starts_with("+") && !feature.starts_with("-"))
      return makeError("target feature " + quote(feature) +
                       " must begin with '+' or '-'");
    bool known = llvm::any_of(subtarget.getAllProcessorFeatures(),
                              [&](const SubtargetFeatureKV &entry) {
                                return feature.drop_front() == entry.Key;
                              });
    if (!known)
      return makeError("unknown feature " + quote(feature) + " for target '" +
                       triple.str() + "'");
  }
  return Error::success();
}

Expected<TargetSpec> seednorm::resolveTarget(const TargetSpec &target) {
  bool host = target.triple.empty();
  Triple triple(host ? sys::getProcessTriple()
                     : Triple::normalize(target.triple));
  Expected<const Target *> found = findTarget(triple);
  if (!found)
    return found.takeError();
  std::unique_ptr<MCSubtargetInfo> subtarget(
      (*found)->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget || !(*found)->hasTargetMachine())
    return makeError("target '" + triple.str() +
                     "' cannot generate machine code");
  TargetSpec resolved = {triple.str(), target.cpu, target.features};
  if (Error error = checkFeatures(*subtarget, target.features, triple))
    return error;
  if (!target.cpu.empty() && !subtarget->isCPUStringValid(target.cpu))
    return makeError("unknown CPU " + quote(target.cpu) + " for target '" +
                     triple.str() + "'");
  if (host && target.cpu.empty()) {
    resolved.cpu = sys::getHostCPUName().str();
    resolved.features = getHostFeatures();
    if (!target.features.empty())
      resolved.features += "," + target.features;
  }
  return resolved;
}

Error seednorm::checkRunsOnHost(const TargetSpec &target) {
  Triple triple(target.triple), host(sys::getProcessTriple());
  if (triple.getArch() != host.getArch() || triple.getOS() != host.getOS())
    return makeError("the code is for '" + triple.str() +
                     "', but this machine is '" + host.str() + "'");
  Expected<const Target *> found = findTarget(triple);
  if (!found)
    return found.takeError();
  std::unique_ptr<MCSubtargetInfo> subtarget(
      (*found)->createMCSubtargetInfo(triple, target.cpu, target.features));
  // Names that the host detection does not report are tuning hints.
  for (auto &[name, enabled] : sys::getHostCPUFeatures())
    if (!enabled && subtarget->checkFeatures(("+" + name).str()))
      return makeError("the code uses the CPU feature '" + name +
                       "', which this machine lacks");
  return Error::success();
}

Compiler::Compiler(TargetSpec target, std::unique_ptr<TargetMachine> machine)
    : target(std::move(target)), machine(std::move(machine)) {}
Compiler::Compiler(Compiler &&) = default;
Compiler::~Compiler() = default;

Expected<Compiler> Compiler::create(const TargetSpec &target) {
  Expected<TargetSpec> resolved = resolveTarget(target);
  if (!resolved)
    return resolved.takeError();
  Triple triple(resolved->triple);
  Expected<const Target *> found = findTarget(triple);
  if (!found)
    return found.takeError();
  std::unique_ptr<TargetMachine> machine((*found)->createTargetMachine(
      triple, resolved->cpu, resolved->features, llvm::TargetOptions(),
      Reloc::PIC_, /*CM=*/std::nullopt, CodeGenOptLevel::Aggressive));
  if (!machine)
    return makeError("target '" + triple.str() +
                     "' cannot generate machine code");
  return Compiler(std::move(*resolved), std::move(machine));
}

namespace {

/// Collects LLVM's errors instead of letting it print them and exit.
struct Collector : DiagnosticHandler {
  explicit Collector(std::string &text) : text(text) {}
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Error && text.empty()) {
      raw_string_ostream stream(text);
      DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }
  std::string &text;
};

class CollectorScope {
public:
  explicit CollectorScope(LLVMContext &context)
      : context(context), before(context.getDiagnosticHandler()) {
    context.setDiagnosticHandler(std::make_unique<Collector>(text));
  }
  ~CollectorScope() { context.setDiagnosticHandler(std::move(before)); }
  Error takeError(StringRef stage) {
    if (text.empty())
      return Error::success();
    return makeError(stage + " failed: " + text);
  }

private:
  LLVMContext &context;
  std::unique_ptr<DiagnosticHandler> before;
  std::string text;
};

} // namespace

/// Blocks of more instructions than this hand over the arguments and results of
/// a call; vector code has fewer.
static constexpr unsigned kLongBlock = 1000;

/// The models of some processors ask for scheduling after register allocation,
/// whose time grows with the square of a block's length. Functions with long
/// blocks are tuned for no processor, which does without.
static void limitScheduling(llvm::Module &module) {
  for (Function &function : module)
    if (llvm::any_of(function, [](const BasicBlock &block) {
          return block.size() > kLongBlock;
        }))
      function.addFnAttr("tune-cpu", "generic");
}

/// The selection of x86's stores loses the non-temporal hint of bf16, so they
/// are made of integers. With AVX-512 it looks through that, and folds the
/// truncation of integers into the store, which loses the hint as well:
/// integers that come from an empty piece of assembly keep it.
static void keepNontemporalHints(llvm::Module &module,
                                 const TargetMachine &machine) {
  const MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  if (!machine.getTargetTriple().isX86())
    return;
  bool looksThrough = subtarget.checkFeatures("+avx512vl") &&
                      subtarget.checkFeatures("+avx512bw");
  for (Function &function : module)
    for (Instruction &instruction : instructions(function)) {
      auto *store = dyn_cast<StoreInst>(&instruction);
      if (!store || !store->hasMetadata(LLVMContext::MD_nontemporal))
        continue;
      auto *type =
          dyn_cast<FixedVectorType>(store->getValueOperand()->getType());
      unsigned bits = type ? type->getPrimitiveSizeInBits() : 0;
      if ((bits != 128 && bits != 256 && bits != 512) ||
          type->getScalarSizeInBits() >= 32)
        continue;
      IRBuilder<> builder(store);
      Type *integers = VectorType::getInteger(type);
      auto *identity =
          InlineAsm::get(FunctionType::get(integers, {integers}, false), "",
                         "=v,0", /*hasSideEffects=*/false);
      Value *value = builder.CreateBitCast(store->getValueOperand(), integers);
      if (looksThrough)
        value = builder.CreateCall(identity, {value});
      store->setOperand(0, value);
    }
}

Error Compiler::optimize(llvm::Module &module) {
  std::string broken;
  raw_string_ostream stream(broken);
  if (verifyModule(module, &stream))
    return makeError("invalid LLVM IR: " + StringRef(broken).trim());
  CollectorScope diagnostics(module.getContext());
  module.setTargetTriple(machine->getTargetTriple());
  module.setDataLayout(machine->createDataLayout());
  internalizeModule(module, [](const GlobalValue &value) {
    return value.getName().starts_with(kEntryPrefix) ||
           value.getName() == kMetadataSymbol;
  });

  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.LoopInterleaving = true;
  tuning.SLPVectorization = true;
  PassBuilder builder(machine.get(), tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
  keepNontemporalHints(module, *machine);
  limitScheduling(module);
  return diagnostics.takeError("optimisation");
}

Expected<SmallVector<char, 0>> Compiler::emit(llvm::Module &module,
                                              bool assembly) {
  CollectorScope diagnostics(module.getContext());
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                   assembly ? CodeGenFileType::AssemblyFile
                                            : CodeGenFileType::ObjectFile))
    return makeError("target '" + target.triple + "' cannot write " +
                     (assembly ? "assembly" : "objects"));
  passes.run(module);
  if (Error error = diagnostics.takeError("code generation"))
    return error;
  return bytes;
}

Expected<SmallVector<char, 0>> Compiler::emitObject(llvm::Module &module) {
  return emit(module, /*assembly=*/false);
}

Expected<SmallVector<char, 0>> Compiler::emitAssembly(llvm::Module &module) {
  return emit(module, /*assembly=*/true);
}
