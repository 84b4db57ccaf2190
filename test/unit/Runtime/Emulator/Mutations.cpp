//===- Mutations.cpp - Bugs to put into kernels --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mutators, in the order of the table at the end.
//
//===----------------------------------------------------------------------===//

#include "Mutations.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace seednorm::testing;
using seednorm::emulator::FindingKind;

static constexpr unsigned kGlobal = 1, kShared = 3;

static StringRef getCallee(const Instruction &instruction) {
  auto *call = dyn_cast<CallInst>(&instruction);
  return call && call->getCalledFunction()
             ? call->getCalledFunction()->getName()
             : StringRef();
}

static bool isCallOf(const Instruction &instruction, StringRef prefix) {
  return getCallee(instruction).starts_with(prefix);
}

//===----------------------------------------------------------------------===//
// Synchronisation and shuffles
//===----------------------------------------------------------------------===//

static bool isBarrier(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.barrier") &&
         instruction.getType()->isVoidTy();
}
static bool isWarpSync(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.bar.warp.sync");
}
static bool isDependencyWait(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.griddepcontrol.wait");
}
static void remove(Instruction &instruction) { instruction.eraseFromParent(); }

static bool isShuffle(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.shfl.sync");
}
static void halveMask(Instruction &instruction) {
  IRBuilder<> builder(&instruction);
  instruction.setOperand(0, builder.getInt32(0xffff));
}
/// One whose distance is a constant.
static bool isTreeShuffle(const Instruction &instruction) {
  return isShuffle(instruction) &&
         !isCallOf(instruction, "llvm.nvvm.shfl.sync.idx") &&
         isa<ConstantInt>(instruction.getOperand(2));
}
static void changeDistance(Instruction &instruction) {
  IRBuilder<> builder(&instruction);
  uint64_t distance =
      cast<ConstantInt>(instruction.getOperand(2))->getZExtValue();
  instruction.setOperand(2, builder.getInt32(distance > 1 ? distance / 2 : 2));
}
static void dropShuffle(Instruction &instruction) {
  instruction.replaceAllUsesWith(instruction.getOperand(1));
  instruction.eraseFromParent();
}
static bool isValueShuffle(const Instruction &instruction) {
  return isShuffle(instruction) &&
         instruction.getType() == instruction.getOperand(1)->getType();
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

/// The text of inline PTX, or "".
static StringRef getPTX(const Instruction &instruction) {
  auto *call = dyn_cast<CallInst>(&instruction);
  auto *assembly =
      call ? dyn_cast<InlineAsm>(call->getCalledOperand()) : nullptr;
  return assembly ? assembly->getAsmString() : StringRef();
}

/// The operand that is its address; null for other instructions.
static Use *getAddress(Instruction &instruction) {
  if (isa<LoadInst>(instruction))
    return &instruction.getOperandUse(0);
  if (isa<StoreInst>(instruction))
    return &instruction.getOperandUse(1);
  StringRef ptx = getPTX(instruction);
  if (ptx.starts_with("ld.global") || ptx.starts_with("st.global"))
    return &instruction.getOperandUse(0);
  return nullptr;
}

/// Of a pointer of a kernel, whose arguments are all in global memory.
static unsigned getSpace(const Value *pointer) {
  unsigned space = pointer->getType()->getPointerAddressSpace();
  bool isGlobal = space == 0 && isa<Argument>(getUnderlyingObject(pointer));
  return isGlobal ? kGlobal : space;
}

static bool isAccess(const Instruction &instruction, unsigned space) {
  Use *address = getAddress(const_cast<Instruction &>(instruction));
  return address && getSpace(address->get()) == space;
}
static bool isStore(const Instruction &instruction) {
  return isa<StoreInst>(instruction) ||
         getPTX(instruction).starts_with("st.global");
}
static bool isSharedStore(const Instruction &instruction) {
  return isStore(instruction) && isAccess(instruction, kShared);
}
static bool isSharedLoad(const Instruction &instruction) {
  return !isStore(instruction) && isAccess(instruction, kShared);
}
static bool isGlobalStore(const Instruction &instruction) {
  return isStore(instruction) && isAccess(instruction, kGlobal);
}
static bool isGlobalLoad(const Instruction &instruction) {
  return !isStore(instruction) && isAccess(instruction, kGlobal);
}

/// Bytes of an element, and how many elements an access has.
static std::pair<uint64_t, uint64_t> getShape(const Instruction &instruction) {
  if (StringRef ptx = getPTX(instruction); !ptx.empty()) {
    uint64_t elements = ptx.contains(".v4") ? 4 : ptx.contains(".v2") ? 2 : 1;
    uint64_t bytes = ptx.contains(".b32")   ? 4
                     : ptx.contains(".b16") ? 2
                     : ptx.contains(".b8")  ? 1
                                            : 8;
    return {bytes, elements};
  }
  Type *type = instruction.getType();
  if (auto *store = dyn_cast<StoreInst>(&instruction))
    type = store->getValueOperand()->getType();
  const DataLayout &layout = instruction.getModule()->getDataLayout();
  uint64_t bytes = layout.getTypeStoreSize(type->getScalarType());
  return {bytes, layout.getTypeStoreSize(type) / bytes};
}

static void moveBy(Instruction &instruction, uint64_t bytes) {
  IRBuilder<> builder(&instruction);
  Use &address = *getAddress(instruction);
  address.set(builder.CreateGEP(builder.getInt8Ty(), address.get(),
                                builder.getInt64(bytes)));
}
static void moveByElement(Instruction &instruction) {
  moveBy(instruction, getShape(instruction).first);
}
static void moveByAccess(Instruction &instruction) {
  auto [bytes, elements] = getShape(instruction);
  moveBy(instruction, bytes * elements);
}

/// One that is aligned: others may be anywhere.
static bool isVector(const Instruction &instruction) {
  bool aligned = !isa<LoadInst, StoreInst>(instruction) ||
                 getLoadStoreAlignment(&instruction) >= Align(16);
  return aligned &&
         (isAccess(instruction, kGlobal) || isAccess(instruction, kShared)) &&
         getShape(instruction).second > 1;
}
static bool isNarrow(const Instruction &instruction) {
  return isGlobalLoad(instruction) && isa<LoadInst>(instruction) &&
         cast<LoadInst>(instruction).getAlign() < Align(16);
}
static void claimAlignment(Instruction &instruction) {
  cast<LoadInst>(instruction).setAlignment(Align(16));
}

static bool isAtomic(const Instruction &instruction) {
  auto *atomic = dyn_cast<AtomicRMWInst>(&instruction);
  return atomic && atomic->getOperation() == AtomicRMWInst::FAdd;
}
static void makePlain(Instruction &instruction) {
  auto &atomic = cast<AtomicRMWInst>(instruction);
  IRBuilder<> builder(&atomic);
  Value *old = builder.CreateAlignedLoad(
      atomic.getType(), atomic.getPointerOperand(), atomic.getAlign());
  builder.CreateAlignedStore(builder.CreateFAdd(old, atomic.getValOperand()),
                             atomic.getPointerOperand(), atomic.getAlign());
  atomic.replaceAllUsesWith(old);
  atomic.eraseFromParent();
}

//===----------------------------------------------------------------------===//
// Control, indices and values
//===----------------------------------------------------------------------===//

static bool isOrdering(const Instruction &instruction) {
  auto *compare = dyn_cast<ICmpInst>(&instruction);
  return compare && compare->isRelational();
}
/// < becomes <=, and the other way.
static void changeStrictness(Instruction &instruction) {
  auto &compare = cast<ICmpInst>(instruction);
  compare.setPredicate(
      ICmpInst::isStrictPredicate(compare.getPredicate())
          ? ICmpInst::getNonStrictPredicate(compare.getPredicate())
          : ICmpInst::getStrictPredicate(compare.getPredicate()));
}

/// A branch around a block that stores.
static bool isGuardOfStore(const Instruction &instruction) {
  auto *branch = dyn_cast<BranchInst>(&instruction);
  if (!branch || !branch->isConditional())
    return false;
  const BasicBlock *then = branch->getSuccessor(0);
  return then->getSinglePredecessor() && then->getSingleSuccessor() &&
         then->getSingleSuccessor() == branch->getSuccessor(1) &&
         any_of(*then, [](const Instruction &inner) {
           return isSharedStore(inner) || isGlobalStore(inner);
         });
}
static void forceBranch(Instruction &instruction) {
  auto &branch = cast<BranchInst>(instruction);
  branch.setCondition(ConstantInt::getTrue(branch.getContext()));
}

/// The zero that a value carried by a loop begins with, or null.
static Constant *getInitial(const Instruction &instruction) {
  auto *phi = dyn_cast<PHINode>(&instruction);
  if (!phi || !phi->getType()->isFPOrFPVectorTy())
    return nullptr;
  Constant *initial = nullptr;
  bool isCarried = false;
  for (const auto &[value, block] :
       llvm::zip(phi->incoming_values(), phi->blocks())) {
    auto *constant = dyn_cast<Constant>(value.get());
    if (constant && constant->isZeroValue())
      initial = constant;
    // From a block that comes later.
    isCarried |= !constant && any_of(make_range(phi->getParent()->getIterator(),
                                                phi->getFunction()->end()),
                                     [block = block](const BasicBlock &later) {
                                       return &later == block;
                                     });
  }
  return isCarried ? initial : nullptr;
}
static bool isSum(const Instruction &instruction) {
  return getInitial(instruction);
}
static void beginWithOne(Instruction &instruction) {
  Constant *initial = getInitial(instruction);
  instruction.replaceUsesOfWith(initial,
                                ConstantFP::get(initial->getType(), 1.0));
}

static bool isBlockId(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.read.ptx.sreg.ctaid.x");
}
static bool isGridSize(const Instruction &instruction) {
  return isCallOf(instruction, "llvm.nvvm.read.ptx.sreg.nctaid.x");
}
template <uint32_t Number>
static void replaceByNumber(Instruction &instruction) {
  instruction.replaceAllUsesWith(
      ConstantInt::get(instruction.getType(), Number));
  instruction.eraseFromParent();
}

/// A value of a loop that becomes 1 - itself.
static bool isParity(const Instruction &instruction) {
  bool isXor = instruction.getOpcode() == Instruction::Xor;
  if (!isXor && instruction.getOpcode() != Instruction::Sub)
    return false;
  auto *one = dyn_cast<ConstantInt>(instruction.getOperand(isXor ? 1 : 0));
  return one && one->isOne() &&
         isa<PHINode>(instruction.getOperand(isXor ? 0 : 1));
}
static void keepParity(Instruction &instruction) {
  bool isXor = instruction.getOpcode() == Instruction::Xor;
  instruction.replaceAllUsesWith(instruction.getOperand(isXor ? 0 : 1));
  instruction.eraseFromParent();
}

static bool isProduct(const Instruction &instruction) {
  return instruction.getOpcode() == Instruction::Mul;
}
static void dropFactor(Instruction &instruction) {
  instruction.replaceAllUsesWith(instruction.getOperand(0));
  instruction.eraseFromParent();
}

static bool isAddition(const Instruction &instruction) {
  return instruction.getOpcode() == Instruction::FAdd;
}
static void dropAddend(Instruction &instruction) {
  instruction.replaceAllUsesWith(instruction.getOperand(0));
  instruction.eraseFromParent();
}

static const Mutator kMutators[] = {
    {"barrier-removed", isBarrier, remove, FindingKind::SharedRace},
    {"warp-sync-removed", isWarpSync, remove, FindingKind::SharedRace},
    {"dependency-wait-removed", isDependencyWait, remove,
     FindingKind::EarlyAccess},
    {"shuffle-mask-halved", isShuffle, halveMask, FindingKind::InactiveLane},
    {"shuffle-distance-changed", isTreeShuffle, changeDistance, std::nullopt},
    {"shuffle-dropped", isValueShuffle, dropShuffle, std::nullopt},
    {"shared-store-moved", isSharedStore, moveByElement, std::nullopt},
    {"shared-load-moved", isSharedLoad, moveByElement, std::nullopt},
    {"shared-store-dropped", isSharedStore, remove,
     FindingKind::UninitialisedShared},
    {"global-store-moved", isGlobalStore, moveByAccess, std::nullopt},
    {"global-load-moved", isGlobalLoad, moveByAccess, std::nullopt},
    {"global-store-dropped", isGlobalStore, remove, std::nullopt},
    {"vector-moved-by-element", isVector, moveByElement,
     FindingKind::Misaligned},
    {"alignment-claimed", isNarrow, claimAlignment, FindingKind::Misaligned},
    {"atomic-made-plain", isAtomic, makePlain, FindingKind::GlobalRace},
    {"strictness-changed", isOrdering, changeStrictness, std::nullopt},
    {"guard-of-store-dropped", isGuardOfStore, forceBranch, std::nullopt},
    {"initial-value-changed", isSum, beginWithOne, std::nullopt},
    {"block-id-dropped", isBlockId, replaceByNumber<0>, std::nullopt},
    {"grid-size-dropped", isGridSize, replaceByNumber<1>, std::nullopt},
    {"parity-kept", isParity, keepParity, FindingKind::SharedRace},
    {"factor-dropped", isProduct, dropFactor, std::nullopt},
    {"addend-dropped", isAddition, dropAddend, std::nullopt},
};

ArrayRef<Mutator> seednorm::testing::getMutators() { return kMutators; }

SmallVector<Instruction *> seednorm::testing::findSites(Module &module,
                                                        const Mutator &mutator,
                                                        StringRef kernel) {
  SmallVector<Instruction *> sites;
  for (Function &function : module)
    if (kernel.empty() || function.getName() == kernel)
      for (BasicBlock &block : function)
        for (Instruction &instruction : block)
          if (mutator.matches(instruction))
            sites.push_back(&instruction);
  return sites;
}
