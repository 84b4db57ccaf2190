//===- Retarget.cpp - From a GPU's module to the host's ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gives every function its thread's context, places shared memory, and calls
// the steps that lower each function. Address spaces stay in the types: to the
// host they are all one.
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "Lowering.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ReplaceConstant.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

static constexpr unsigned kSharedSpace = 3;

namespace {

class Retargeter {
public:
  Retargeter(llvm::Module &module, CodeTables &tables,
             const ProgramOptions &options)
      : module(module), tables(tables), options(options) {}

  Error run();

private:
  void findKernels();
  Error checkGlobals();
  Error checkRecursion();
  void dropUnreachable();
  void placeShared();
  SetVector<Function *> getReachable(Function &kernel);
  Error addContext(Function &function);
  void addEntry(Function &kernel, Function &body, size_t index);
  Error lower(Function &function);
  Error lowerCalls(Lowering &lowering);
  Expected<bool> lowerCall(Lowering &lowering, CallInst &call);
  void guardDivisions(Lowering &lowering);
  void guardDivision(Lowering &lowering, Instruction &division, uint32_t site);
  void guardUnreachable(Lowering &lowering);
  void replaceShared(Lowering &lowering);

  llvm::Module &module;
  CodeTables &tables;
  const ProgramOptions &options;
  SetVector<Function *> kernels;
  /// By the functions before and after they take a context.
  MapVector<Function *, Function *> functions;
  DenseMap<GlobalVariable *, uint64_t> offsets;
  SetVector<GlobalVariable *> shared;
};

} // namespace

//===----------------------------------------------------------------------===//
// Kernels and variables
//===----------------------------------------------------------------------===//

void Retargeter::findKernels() {
  for (Function &function : module)
    if (!function.isDeclaration() &&
        (function.getCallingConv() == CallingConv::PTX_Kernel ||
         function.getCallingConv() == CallingConv::AMDGPU_KERNEL ||
         function.hasFnAttribute("nvvm.kernel")))
      kernels.insert(&function);
  NamedMDNode *annotations = module.getNamedMetadata("nvvm.annotations");
  if (!annotations)
    return;
  for (const MDNode *node : annotations->operands()) {
    if (node->getNumOperands() < 3)
      continue;
    auto *function =
        mdconst::dyn_extract_or_null<Function>(node->getOperand(0));
    for (unsigned i = 1; i + 1 < node->getNumOperands(); i += 2) {
      auto *name = dyn_cast<MDString>(node->getOperand(i));
      if (function && name && name->getString() == "kernel")
        kernels.insert(function);
    }
  }
}

Error Retargeter::checkGlobals() {
  for (StringRef name : {"llvm.used", "llvm.compiler.used"})
    if (GlobalVariable *list = module.getGlobalVariable(name, true))
      list->eraseFromParent();
  for (GlobalVariable &variable : module.globals()) {
    if (variable.getAddressSpace() == kSharedSpace) {
      if (variable.hasInitializer() &&
          !isa<UndefValue>(variable.getInitializer()))
        return makeError("shared memory '" + variable.getName() +
                         "' has initial values, which no GPU gives it");
      shared.insert(&variable);
      continue;
    }
    if (variable.isDeclaration())
      return makeError("variable '" + variable.getName() +
                       "' is not defined in its module");
    variable.setLinkage(GlobalValue::ExternalLinkage);
    variable.setVisibility(GlobalValue::DefaultVisibility);
    if (!variable.hasName())
      variable.setName("emu_constant");
    tables.variables.push_back(
        {variable.getName().str(),
         module.getDataLayout().getTypeAllocSize(variable.getValueType())});
  }
  if (!module.alias_empty() || !module.ifunc_empty())
    return makeError("the emulator has no aliases of functions");
  SmallVector<Constant *> constants(shared.begin(), shared.end());
  convertUsersOfConstantsToInstructions(constants);
  return Error::success();
}

SetVector<Function *> Retargeter::getReachable(Function &kernel) {
  SetVector<Function *> reachable;
  reachable.insert(&kernel);
  for (size_t i = 0; i < reachable.size(); ++i)
    for (BasicBlock &block : *reachable[i])
      for (Instruction &instruction : block)
        if (auto *call = dyn_cast<CallBase>(&instruction))
          if (Function *callee = call->getCalledFunction())
            if (!callee->isDeclaration())
              reachable.insert(callee);
  return reachable;
}

/// Stacks are as large as all functions' variables, each once.
Error Retargeter::checkRecursion() {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    for (Function *reached : getReachable(function))
      for (User *user : function.users())
        if (auto *call = dyn_cast<CallBase>(user);
            call && call->getCalledFunction() == &function &&
            call->getFunction() == reached)
          return makeError("function '" + function.getName() +
                           "' calls itself, directly or through others, which "
                           "the emulator does not know");
  }
  return Error::success();
}

/// What no kernel calls need not be known: libraries are linked as a whole.
void Retargeter::dropUnreachable() {
  DenseSet<Function *> reachable;
  for (Function *kernel : kernels)
    for (Function *function : getReachable(*kernel))
      reachable.insert(function);
  for (Function &function : module)
    if (!function.isDeclaration() && !reachable.contains(&function))
      function.deleteBody();
}

/// What several kernels use comes first, then each kernel's own: a function has
/// one offset for a variable whoever calls it. Arrays without a size are the
/// dynamic part, whose offset the thread knows.
void Retargeter::placeShared() {
  const DataLayout &layout = module.getDataLayout();
  SmallVector<SetVector<Function *>> reachable;
  for (Function *kernel : kernels)
    reachable.push_back(getReachable(*kernel));
  DenseMap<GlobalVariable *, SmallVector<size_t>> users;
  Align dynamicAlignment(16);
  for (GlobalVariable *variable : shared)
    for (auto [index, functions] : enumerate(reachable))
      if (any_of(variable->users(), [&](User *user) {
            auto *instruction = dyn_cast<Instruction>(user);
            return instruction &&
                   functions.contains(instruction->getFunction());
          }))
        users[variable].push_back(index);
  auto sizeOf = [&](GlobalVariable *variable) {
    return layout.getTypeAllocSize(variable->getValueType()).getFixedValue();
  };
  auto place = [&](GlobalVariable *variable, uint64_t &end) {
    Align alignment =
        std::max(variable->getAlign().valueOrOne(),
                 layout.getABITypeAlign(variable->getValueType()));
    offsets[variable] = alignTo(end, alignment);
    end = offsets[variable] + sizeOf(variable);
  };
  uint64_t common = 0;
  for (GlobalVariable *variable : shared) {
    if (!sizeOf(variable))
      dynamicAlignment =
          std::max(dynamicAlignment, variable->getAlign().valueOrOne());
    else if (users[variable].size() > 1)
      place(variable, common);
  }
  for (auto [index, kernel] : enumerate(kernels)) {
    uint64_t end = 0, own = common;
    for (GlobalVariable *variable : shared) {
      if (!sizeOf(variable) || !is_contained(users[variable], index))
        continue;
      if (users[variable].size() == 1)
        place(variable, own);
      end = std::max(end, offsets[variable] + sizeOf(variable));
    }
    tables.kernels[index].staticSharedBytes = static_cast<uint32_t>(end);
    tables.kernels[index].dynamicSharedOffset =
        static_cast<uint32_t>(alignTo(end, dynamicAlignment));
  }
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

/// A function like this one whose first argument is the thread's context.
Error Retargeter::addContext(Function &function) {
  LLVMContext &context = module.getContext();
  for (Argument &argument : function.args())
    if (argument.hasByValAttr() && !kernels.contains(&function))
      return makeError("function '" + function.getName() +
                       "' takes an argument in memory, which the emulator "
                       "does not know");
  SmallVector<Type *> types{PointerType::get(context, 0)};
  append_range(types, function.getFunctionType()->params());
  if (function.isVarArg())
    return makeError("function '" + function.getName() +
                     "' takes any number of arguments, which the emulator does "
                     "not know");
  auto *result = Function::Create(
      FunctionType::get(function.getReturnType(), types, false),
      GlobalValue::InternalLinkage, "", module);
  result->takeName(&function);
  result->splice(result->begin(), &function);
  result->setSubprogram(function.getSubprogram());
  function.setSubprogram(nullptr);
  result->getArg(0)->setName("context");
  for (auto [before, after] :
       zip(function.args(), drop_begin(result->args()))) {
    after.takeName(&before);
    before.replaceAllUsesWith(&after);
  }
  functions[&function] = result;
  return Error::success();
}

/// Takes a kernel's arguments out of memory, as launches have them.
void Retargeter::addEntry(Function &kernel, Function &body, size_t index) {
  LLVMContext &context = module.getContext();
  IRBuilder<> builder(context);
  Type *pointer = builder.getPtrTy();
  auto *entry = Function::Create(
      FunctionType::get(builder.getVoidTy(), {pointer, pointer}, false),
      GlobalValue::ExternalLinkage, "emu_entry_" + Twine(index), module);
  builder.SetInsertPoint(BasicBlock::Create(context, "", entry));
  SmallVector<Value *> arguments{entry->getArg(0)};
  for (Argument &argument : kernel.args()) {
    Value *address = builder.CreateLoad(
        pointer, builder.CreateConstInBoundsGEP1_64(pointer, entry->getArg(1),
                                                    argument.getArgNo()));
    if (argument.hasByValAttr())
      arguments.push_back(
          builder.CreateAddrSpaceCast(address, argument.getType()));
    else
      arguments.push_back(builder.CreateLoad(argument.getType(), address));
  }
  builder.CreateCall(&body, arguments);
  builder.CreateRetVoid();
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

bool emulator::hasClusters(StringRef chip) {
  unsigned number;
  return !chip.consume_front("sm_") ||
         chip.rtrim("af").getAsInteger(10, number) || number >= 90;
}

/// Code for chips from sm_90 on, on one before.
/// Whether a name or assembly is of clusters or of dependent launches.
static bool needsClusters(StringRef code) {
  return any_of(
      ArrayRef<StringRef>{"griddepcontrol", "barrier.cluster", "mapa"},
      [&](StringRef part) { return code.contains(part); });
}

static Error makeTooOldError(StringRef what, const Lowering &lowering) {
  return makeError("'" + what + "' in function '" +
                   lowering.function.getName() +
                   "' needs sm_90, but the emulated chip is '" +
                   lowering.options.chip + "'");
}

/// Calls of functions and of intrinsics; true where the call is gone.
Expected<bool> Retargeter::lowerCall(Lowering &lowering, CallInst &call) {
  IRBuilder<> &builder = lowering.builder;
  builder.SetInsertPoint(&call);
  Function *callee = call.getCalledFunction();
  if (!callee)
    return makeError("function '" + lowering.function.getName() +
                     "' calls through a pointer, which the emulator does not "
                     "know");
  StringRef name = callee->getName();
  Value *result = nullptr;
  auto getSite = [&] { return builder.getInt32(lowering.getSite(call)); };
  if (Function *ours = functions.lookup(callee)) {
    SmallVector<Value *> arguments{lowering.getContext()};
    append_range(arguments, call.args());
    CallInst *replacement = builder.CreateCall(ours, arguments);
    if (isa<FPMathOperator>(replacement))
      replacement->copyFastMathFlags(&call);
    result = replacement;
  } else if (name == "__assertfail" && call.arg_size() == 5) {
    SmallVector<Value *> arguments(call.args());
    arguments.push_back(getSite());
    result =
        lowering.callThread("emu_assert_fail", builder.getVoidTy(), arguments);
  } else if (name == "vprintf" && call.arg_size() == 2) {
    result = emitCall(builder, "emu_print", builder.getInt32Ty(),
                      {call.getArgOperand(0), call.getArgOperand(1)});
  } else if (Value *size = lowerOCKL(lowering, call, name)) {
    result = size;
  } else if (name == "llvm.trap" || name == "llvm.debugtrap" ||
             name == "llvm.nvvm.exit") {
    if (name == "llvm.nvvm.exit")
      return makeError("the emulator does not know '" + name + "'");
    result = lowering.callThread("emu_trap", builder.getVoidTy(), {getSite()});
  } else if (Intrinsic::isTargetIntrinsic(callee->getIntrinsicID())) {
    if (needsClusters(name) && !hasClusters(options.chip))
      return makeTooOldError(name, lowering);
    // Without the types that are in the names of overloaded ones.
    result = lowerIntrinsic(lowering, call,
                            Intrinsic::getBaseName(callee->getIntrinsicID()));
    if (!result)
      return makeError("the emulator does not know the intrinsic '" + name +
                       "' in function '" + lowering.function.getName() + "'");
  } else if (callee->isIntrinsic()) {
    return false;
  } else {
    return makeError(
        "function '" + lowering.function.getName() + "' calls '" + name +
        "', which is not in its module" +
        (name.starts_with("__nv_") ? ": libdevice is not linked" : ""));
  }
  if (!call.getType()->isVoidTy())
    call.replaceAllUsesWith(result);
  call.eraseFromParent();
  return true;
}

Error Retargeter::lowerCalls(Lowering &lowering) {
  SmallVector<CallInst *> calls;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (!call->getCalledFunction() ||
            !call->getCalledFunction()->getName().starts_with("emu_"))
          calls.push_back(call);
  for (CallInst *call : calls)
    if (Error error = lowerCall(lowering, *call).takeError())
      return error;
  return Error::success();
}

static Error translateAssembly(Lowering &lowering) {
  SmallVector<CallInst *> calls;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (call->isInlineAsm())
          calls.push_back(call);
  for (CallInst *call : calls) {
    StringRef text = cast<InlineAsm>(call->getCalledOperand())->getAsmString();
    if (needsClusters(text) && !hasClusters(lowering.options.chip))
      return makeTooOldError(text, lowering);
    lowering.builder.SetCurrentDebugLocation(call->getDebugLoc());
    Expected<Value *> result = translatePTX(lowering, *call);
    if (!result)
      return result.takeError();
    if (*result)
      call->replaceAllUsesWith(*result);
    call->eraseFromParent();
  }
  return Error::success();
}

/// Whether the host may trap where a GPU gives any value: a division by zero,
/// or of the least value by -1.
static bool mayTrap(const Instruction &division) {
  auto *divisor = dyn_cast<ConstantInt>(division.getOperand(1));
  if (!divisor || divisor->isZero())
    return true;
  bool isSigned = division.getOpcode() == Instruction::SDiv ||
                  division.getOpcode() == Instruction::SRem;
  return isSigned && divisor->isMinusOne();
}

/// Divides vectors element by element: each may trap.
static void scalariseDivision(IRBuilder<> &builder, Instruction &division,
                              SmallVectorImpl<Instruction *> &scalars) {
  auto *type = cast<FixedVectorType>(division.getType());
  builder.SetInsertPoint(&division);
  Value *result = PoisonValue::get(type);
  for (unsigned i = 0; i < type->getNumElements(); ++i) {
    // Not folded, so that one of constants is guarded too.
    auto *scalar = BinaryOperator::Create(
        static_cast<Instruction::BinaryOps>(division.getOpcode()),
        builder.CreateExtractElement(division.getOperand(0), i),
        builder.CreateExtractElement(division.getOperand(1), i));
    builder.Insert(scalar);
    scalars.push_back(scalar);
    result = builder.CreateInsertElement(result, scalar, i);
  }
  division.replaceAllUsesWith(result);
  division.eraseFromParent();
}

void Retargeter::guardDivision(Lowering &lowering, Instruction &division,
                               uint32_t site) {
  IRBuilder<> &builder = lowering.builder;
  builder.SetInsertPoint(&division);
  Type *type = division.getType();
  Value *divisor = division.getOperand(1);
  Value *bad = builder.CreateICmpEQ(divisor, ConstantInt::get(type, 0));
  if (division.getOpcode() == Instruction::SDiv ||
      division.getOpcode() == Instruction::SRem) {
    APInt smallest = APInt::getSignedMinValue(type->getIntegerBitWidth());
    Value *overflows = builder.CreateAnd(
        builder.CreateICmpEQ(division.getOperand(0),
                             ConstantInt::get(type, smallest)),
        builder.CreateICmpEQ(divisor, Constant::getAllOnesValue(type)));
    bad = builder.CreateOr(bad, overflows);
  }
  Instruction *then =
      SplitBlockAndInsertIfThen(bad, &division, /*Unreachable=*/true);
  builder.SetInsertPoint(then);
  lowering.callThread("emu_division", builder.getVoidTy(),
                      {builder.getInt32(site)});
}

void Retargeter::guardDivisions(Lowering &lowering) {
  SmallVector<Instruction *> divisions;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (instruction.isIntDivRem() &&
          (instruction.getType()->isVectorTy() || mayTrap(instruction)))
        divisions.push_back(&instruction);
  for (Instruction *division : divisions) {
    uint32_t site = lowering.getSite(*division);
    SmallVector<Instruction *> scalars;
    if (division->getType()->isVectorTy())
      scalariseDivision(lowering.builder, *division, scalars);
    else
      scalars.push_back(division);
    for (Instruction *scalar : scalars)
      if (mayTrap(*scalar))
        guardDivision(lowering, *scalar, site);
  }
}

/// Code that is promised not to be reached would run into what lies behind it.
void Retargeter::guardUnreachable(Lowering &lowering) {
  for (BasicBlock &block : lowering.function) {
    auto *end = dyn_cast<UnreachableInst>(block.getTerminator());
    if (!end)
      continue;
    lowering.builder.SetInsertPoint(end);
    lowering.callThread("emu_unreachable", lowering.builder.getVoidTy(),
                        {lowering.builder.getInt32(lowering.getSite(*end))});
  }
}

void Retargeter::replaceShared(Lowering &lowering) {
  IRBuilder<> &builder = lowering.builder;
  Function &function = lowering.function;
  BasicBlock &entry = function.getEntryBlock();
  builder.SetInsertPoint(&entry, entry.getFirstInsertionPt());
  Type *pointer = builder.getPtrTy();
  for (GlobalVariable *variable : shared) {
    auto isHere = [&](Use &use) {
      auto *instruction = dyn_cast<Instruction>(use.getUser());
      return instruction && instruction->getFunction() == &function;
    };
    if (none_of(variable->uses(), isHere))
      continue;
    Value *base = lowering.readField(offsetof(ThreadContext, shared), pointer);
    auto offset = offsets.find(variable);
    Value *distance =
        offset != offsets.end()
            ? builder.getInt64(offset->second)
            : builder.CreateZExt(
                  lowering.readRegister(Register::DynamicSharedOffset),
                  builder.getInt64Ty());
    Value *address = builder.CreateGEP(builder.getInt8Ty(), base, distance);
    address = builder.CreateAddrSpaceCast(address, variable->getType());
    variable->replaceUsesWithIf(address, isHere);
  }
}

/// What the function's variables take of the stack.
static uint64_t getStackBytes(const Function &function) {
  uint64_t bytes = 0;
  for (const BasicBlock &block : function)
    for (const Instruction &instruction : block)
      if (auto *variable = dyn_cast<AllocaInst>(&instruction))
        if (auto size = variable->getAllocationSize(function.getDataLayout()))
          bytes += alignTo(size->getFixedValue(), 64);
  return bytes;
}

/// AMD's have variables in an address space of their own.
static void moveVariables(Lowering &lowering) {
  SmallVector<AllocaInst *> variables;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (auto *variable = dyn_cast<AllocaInst>(&instruction))
        if (variable->getAddressSpace())
          variables.push_back(variable);
  IRBuilder<> &builder = lowering.builder;
  for (AllocaInst *variable : variables) {
    builder.SetInsertPoint(variable);
    AllocaInst *moved =
        builder.CreateAlloca(variable->getAllocatedType(), /*AddrSpace=*/0,
                             variable->getArraySize());
    moved->setAlignment(variable->getAlign());
    variable->replaceAllUsesWith(
        builder.CreateAddrSpaceCast(moved, variable->getType()));
    variable->eraseFromParent();
  }
}

Error Retargeter::lower(Function &function) {
  Lowering lowering(function, tables, options);
  if (Error error = replaceHiddenArguments(lowering))
    return error;
  lowering.recordTexts();
  moveVariables(lowering);
  tables.stackBytes += getStackBytes(function);
  if (options.observe)
    countBlocks(lowering);
  // Before constant expressions of the variables come into being.
  replaceShared(lowering);
  if (Error error = translateAssembly(lowering))
    return error;
  if (options.observe)
    instrumentAccesses(lowering);
  guardDivisions(lowering);
  guardUnreachable(lowering);
  if (Error error = lowerCalls(lowering))
    return error;
  insertYields(lowering);
  return Error::success();
}

/// A size for each dimension that an attribute like "64,2" leaves open too.
static std::optional<std::array<uint32_t, 3>> getBlock(const Function &kernel,
                                                       StringRef attribute) {
  if (!kernel.hasFnAttribute(attribute))
    return std::nullopt;
  std::array<uint32_t, 3> block = {1, 1, 1};
  SmallVector<StringRef> sizes;
  kernel.getFnAttribute(attribute).getValueAsString().split(sizes, ',');
  for (auto [size, text] : zip(block, sizes)) {
    uint32_t number;
    if (!text.trim().getAsInteger(10, number))
      size = number;
  }
  return block;
}

static Kernel describe(const Function &kernel) {
  Kernel described;
  described.name = kernel.getName();
  described.numArguments = kernel.arg_size();
  if (auto block = getBlock(kernel, "nvvm.maxntid"))
    described.maxThreads = (*block)[0] * (*block)[1] * (*block)[2];
  described.requiredBlock = getBlock(kernel, "nvvm.reqntid");
  return described;
}

Error Retargeter::run() {
  findKernels();
  if (kernels.empty())
    return makeError("the module has no kernels");
  for (Function *kernel : kernels)
    tables.kernels.push_back(describe(*kernel));
  dropUnreachable();
  if (Error error = checkRecursion())
    return error;
  if (Error error = checkGlobals())
    return error;
  placeShared();
  SmallVector<Function *> defined;
  for (Function &function : module)
    if (!function.isDeclaration())
      defined.push_back(&function);
  for (Function *function : defined)
    if (Error error = addContext(*function))
      return error;
  for (auto [before, after] : functions)
    if (Error error = lower(*after))
      return error;
  for (auto [index, kernel] : enumerate(kernels))
    addEntry(*kernel, *functions[kernel], index);
  for (auto [before, after] : functions) {
    before->replaceAllUsesWith(PoisonValue::get(before->getType()));
    before->eraseFromParent();
  }
  for (GlobalVariable *variable : shared)
    variable->eraseFromParent();
  return Error::success();
}

Error emulator::retarget(llvm::Module &module, CodeTables &tables,
                         const ProgramOptions &options) {
  return Retargeter(module, tables, options).run();
}
