//===- Instrument.cpp - What observers see of kernels --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call before each access to memory, a counter in each basic block, and the
// points of loops where a thread lets others run.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

/// The widest access that the hardware has.
static constexpr uint64_t kWidest = 16;

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Whether it becomes no instruction of the machine.
static bool isFree(const Instruction &instruction) {
  if (auto *branch = dyn_cast<BranchInst>(&instruction))
    return branch->isUnconditional();
  if (auto *address = dyn_cast<GetElementPtrInst>(&instruction))
    return address->hasAllConstantIndices();
  return isa<PHINode, BitCastInst, AddrSpaceCastInst, ExtractElementInst,
             InsertElementInst, ExtractValueInst, InsertValueInst,
             ShuffleVectorInst, TruncInst, IntToPtrInst, PtrToIntInst,
             ReturnInst, UnreachableInst, DbgInfoIntrinsic, LoadInst, StoreInst,
             AtomicRMWInst, AtomicCmpXchgInst, AllocaInst>(instruction) ||
         (isa<IntrinsicInst>(instruction) &&
          cast<IntrinsicInst>(instruction).isAssumeLikeIntrinsic());
}

/// How many instructions of the machine it becomes.
static uint32_t getCount(const Instruction &instruction,
                         InstructionClass kind) {
  auto *vector = dyn_cast<FixedVectorType>(instruction.getType());
  if (!vector)
    return 1;
  uint32_t elements = vector->getNumElements();
  return kind == InstructionClass::Half ? (elements + 1) / 2 : elements;
}

void emulator::countBlocks(Lowering &lowering) {
  IRBuilder<> &builder = lowering.builder;
  for (BasicBlock &block : lowering.function) {
    BlockCounts counts{};
    for (const Instruction &instruction : block) {
      if (isFree(instruction))
        continue;
      InstructionClass kind = classify(instruction);
      counts[static_cast<unsigned>(kind)] += getCount(instruction, kind);
    }
    if (counts == BlockCounts{})
      continue;
    size_t index = lowering.tables.blocks.size();
    lowering.tables.blocks.push_back(counts);
    builder.SetInsertPoint(&block, block.getFirstInsertionPt());
    Value *counters =
        lowering.readField(offsetof(ThreadContext, blocks), builder.getPtrTy());
    Value *counter = builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(),
                                                        counters, index);
    Value *count = builder.CreateLoad(builder.getInt64Ty(), counter);
    builder.CreateStore(builder.CreateAdd(count, builder.getInt64(1)), counter);
  }
}

void emulator::insertYields(Lowering &lowering) {
  DominatorTree dominators(lowering.function);
  LoopInfo loops(dominators);
  SmallVector<BasicBlock *> headers;
  for (Loop *loop : loops.getLoopsInPreorder())
    headers.push_back(loop->getHeader());
  IRBuilder<> &builder = lowering.builder;
  for (BasicBlock *header : headers) {
    uint32_t site = lowering.getSite(*header->getTerminator());
    builder.SetInsertPoint(header, header->getFirstInsertionPt());
    Value *address = builder.CreateConstInBoundsGEP1_64(
        builder.getInt8Ty(), lowering.getContext(),
        offsetof(ThreadContext, fuel));
    Value *fuel = builder.CreateSub(
        builder.CreateLoad(builder.getInt32Ty(), address), builder.getInt32(1));
    builder.CreateStore(fuel, address);
    Value *empty = builder.CreateICmpEQ(fuel, builder.getInt32(0));
    Instruction *then = SplitBlockAndInsertIfThen(
        empty, &*builder.GetInsertPoint(), /*Unreachable=*/false);
    builder.SetInsertPoint(then);
    lowering.callThread("emu_yield", builder.getVoidTy(),
                        {builder.getInt32(site)});
  }
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

namespace {

class Instrumenter {
public:
  explicit Instrumenter(Lowering &lowering)
      : lowering(lowering), builder(lowering.builder),
        layout(lowering.function.getDataLayout()) {}

  void visit(Instruction &instruction) {
    builder.SetInsertPoint(&instruction);
    if (auto *load = dyn_cast<LoadInst>(&instruction))
      access(instruction,
             load->isAtomic() ? AccessKind::Atomic : AccessKind::Load,
             load->getPointerOperand(), load->getType(), load->getAlign());
    else if (auto *store = dyn_cast<StoreInst>(&instruction))
      access(instruction,
             store->isAtomic() ? AccessKind::Atomic : AccessKind::Store,
             store->getPointerOperand(), store->getValueOperand()->getType(),
             store->getAlign());
    else if (auto *atomic = dyn_cast<AtomicRMWInst>(&instruction))
      access(instruction, AccessKind::Atomic, atomic->getPointerOperand(),
             atomic->getType(), atomic->getAlign());
    else if (auto *exchange = dyn_cast<AtomicCmpXchgInst>(&instruction))
      access(instruction, AccessKind::Atomic, exchange->getPointerOperand(),
             exchange->getNewValOperand()->getType(), exchange->getAlign());
    else if (auto *memory = dyn_cast<AnyMemIntrinsic>(&instruction))
      copy(*memory);
  }

private:
  void access(Instruction &instruction, AccessKind kind, Value *pointer,
              Type *type, Align alignment) {
    uint64_t bytes = layout.getTypeStoreSize(type);
    if (accessVariable(instruction, kind, pointer, bytes))
      return;
    for (uint64_t offset = 0; offset < bytes; offset += kWidest) {
      uint64_t piece = std::min(kWidest, bytes - offset);
      uint32_t index = lowering.addAccess(
          instruction, kind, pointer->getType(), piece,
          std::min<uint64_t>(commonAlignment(alignment, offset).value(),
                             kWidest));
      Value *address = offset ? builder.CreateConstGEP1_64(builder.getInt8Ty(),
                                                           pointer, offset)
                              : pointer;
      lowering.callThread("emu_access", builder.getVoidTy(),
                          {address, builder.getInt32(index)});
    }
  }

  /// Variables of the thread are nobody else's: only their bounds matter.
  bool accessVariable(Instruction &instruction, AccessKind kind, Value *pointer,
                      uint64_t bytes) {
    auto *variable = dyn_cast<AllocaInst>(getUnderlyingObject(pointer));
    if (!variable)
      return false;
    std::optional<TypeSize> size = variable->getAllocationSize(layout);
    if (!size)
      return false;
    APInt offset(64, 0);
    const Value *base = pointer->stripAndAccumulateConstantOffsets(
        layout, offset, /*AllowNonInbounds=*/true);
    bool inside = base == variable && !offset.isNegative() &&
                  offset.getZExtValue() + bytes <= size->getFixedValue();
    if (!inside) {
      uint32_t index =
          lowering.addAccess(instruction, kind, pointer->getType(), bytes, 1);
      lowering.callThread("emu_access_local", builder.getVoidTy(),
                          {pointer, builder.getInt32(index), variable,
                           builder.getInt64(size->getFixedValue())});
    }
    return true;
  }

  void copy(AnyMemIntrinsic &memory) {
    range(memory, AccessKind::Store, memory.getRawDest(),
          memory.getDestAlign());
    if (auto *transfer = dyn_cast<AnyMemTransferInst>(&memory))
      range(memory, AccessKind::Load, transfer->getRawSource(),
            transfer->getSourceAlign());
  }

  void range(AnyMemIntrinsic &memory, AccessKind kind, Value *pointer,
             MaybeAlign alignment) {
    if (isa<AllocaInst>(getUnderlyingObject(pointer)))
      return;
    uint32_t index = lowering.addAccess(
        memory, kind, pointer->getType(), kWidest,
        std::min<uint64_t>(alignment.valueOrOne().value(), kWidest));
    lowering.callThread(
        "emu_access_range", builder.getVoidTy(),
        {pointer, builder.getInt32(index),
         builder.CreateZExt(memory.getLength(), builder.getInt64Ty())});
  }

  Lowering &lowering;
  IRBuilder<> &builder;
  const DataLayout &layout;
};

} // namespace

void emulator::instrumentAccesses(Lowering &lowering) {
  SmallVector<Instruction *> instructions;
  for (BasicBlock &block : lowering.function)
    for (Instruction &instruction : block)
      if (lowering.isOfProgram(instruction))
        instructions.push_back(&instruction);
  Instrumenter instrumenter(lowering);
  for (Instruction *instruction : instructions)
    instrumenter.visit(*instruction);
}
