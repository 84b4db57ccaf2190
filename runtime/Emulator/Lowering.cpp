//===- Lowering.cpp - What turning GPU code into host code shares --------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sites, the thread's context, and calls of builtins.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "Arithmetic.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ModuleSlotTracker.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

Lowering::Lowering(Function &function, CodeTables &tables,
                   const ProgramOptions &options)
    : function(function), tables(tables), options(options),
      builder(function.getContext()) {}

Value *Lowering::readField(size_t offset, Type *type) {
  Value *address = builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(),
                                                      getContext(), offset);
  LoadInst *load = builder.CreateLoad(type, address);
  load->setMetadata(LLVMContext::MD_invariant_load,
                    MDNode::get(function.getContext(), {}));
  return load;
}

Value *Lowering::readRegister(Register name) {
  return readField(ThreadContext::offsetOf(name), builder.getInt32Ty());
}

CallInst *Lowering::callThread(StringRef name, Type *type,
                               ArrayRef<Value *> arguments) {
  SmallVector<Value *> all{getContext()};
  for (Value *argument : arguments) {
    // The host has one address space.
    Type *pointer = argument->getType();
    if (pointer->isPointerTy() && pointer->getPointerAddressSpace())
      argument = builder.CreateAddrSpaceCast(argument, builder.getPtrTy());
    all.push_back(argument);
  }
  return cast<CallInst>(emitCall(builder, name, type, all));
}

CallInst *Lowering::callWarp(WarpOperation operation, Value *mask, Value *value,
                             uint32_t site, Value *b, Value *c) {
  Type *i64 = builder.getInt64Ty();
  return callThread("emu_warp", i64,
                    {getInt(static_cast<uint32_t>(operation)),
                     builder.CreateZExt(mask, i64),
                     builder.CreateZExt(value, i64), b ? b : getInt(0),
                     c ? c : getInt(0), getInt(site)});
}

CallInst *Lowering::callBarrier(BarrierOperation operation, Value *id,
                                Value *count, bool aligned, Value *predicate,
                                uint32_t site) {
  Type *i32 = builder.getInt32Ty();
  return callThread("emu_barrier", i32,
                    {id, count ? count : getInt(0),
                     getInt(static_cast<uint32_t>(operation)), getInt(aligned),
                     predicate ? builder.CreateZExt(predicate, i32) : getInt(0),
                     getInt(site)});
}

void Lowering::callCopyAsync(const Instruction &at, Value *to, Value *from,
                             uint32_t bytes, Value *copied) {
  uint32_t load =
      addAccess(at, AccessKind::Load, from->getType(), bytes, bytes);
  uint32_t store =
      addAccess(at, AccessKind::Store, to->getType(), bytes, bytes);
  callThread("emu_copy_async", builder.getVoidTy(),
             {to, from, getInt(bytes), copied ? copied : getInt(bytes),
              getInt(load), getInt(store)});
}

//===----------------------------------------------------------------------===//
// Sites
//===----------------------------------------------------------------------===//

void Lowering::recordTexts() {
  ModuleSlotTracker slots(function.getParent());
  slots.incorporateFunction(function);
  for (BasicBlock &block : function)
    for (Instruction &instruction : block) {
      if (!instruction.mayReadOrWriteMemory() &&
          !isa<CallBase, UnreachableInst, BranchInst>(instruction) &&
          !instruction.isIntDivRem())
        continue;
      std::string text;
      raw_string_ostream stream(text);
      instruction.print(stream, slots);
      // Metadata would bury the rest.
      texts[&instruction] = StringRef(text).split(", !").first.trim().str();
    }
}

void Lowering::setText(const Instruction &instruction, std::string text) {
  texts[&instruction] = std::move(text);
}

uint32_t Lowering::getSite(const Instruction &instruction) {
  auto [it, isNew] = sites.try_emplace(
      &instruction, static_cast<uint32_t>(tables.sites.size()));
  if (!isNew)
    return it->second;
  Site site;
  site.function = function.getName();
  site.text = texts.lookup(&instruction);
  if (const DebugLoc &location = instruction.getDebugLoc()) {
    site.location = (cast<DIScope>(location.getScope())->getFilename() + ":" +
                     Twine(location.getLine()) + ":" + Twine(location.getCol()))
                        .str();
  }
  tables.sites.push_back(std::move(site));
  return it->second;
}

uint32_t Lowering::addAccess(const Instruction &instruction, AccessKind kind,
                             Type *pointer, uint64_t bytes,
                             uint64_t alignment) {
  AccessSite access;
  access.site = getSite(instruction);
  access.kind = kind;
  access.bytes = static_cast<uint32_t>(bytes);
  access.alignment = static_cast<uint32_t>(alignment);
  using Declared = AccessSite::Declared;
  switch (pointer->getPointerAddressSpace()) {
  case 1: // global
  case 4: // constant
    access.declared = Declared::Global;
    break;
  case 3:
    access.declared = Declared::Shared;
    break;
  case 5:
    access.declared = Declared::Local;
    break;
  case 7:
    access.declared = Declared::Cluster;
    break;
  default:
    access.declared = Declared::Generic;
  }
  tables.accesses.push_back(access);
  return static_cast<uint32_t>(tables.accesses.size() - 1);
}
