//===- Lowering.h - What turning GPU code into host code shares -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The function at hand, its thread's context, and the tables of sites that grow
// while it is lowered. The steps are in files of their own: intrinsics, inline
// PTX, instrumentation; Retarget.cpp calls them in order.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_LOWERING_H
#define SEEDNORM_RUNTIME_EMULATOR_LOWERING_H

#include "Program.h"
#include "ThreadContext.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"

namespace seednorm::emulator {

class Lowering {
public:
  Lowering(llvm::Function &function, CodeTables &tables,
           const ProgramOptions &options);

  llvm::Function &function;
  CodeTables &tables;
  const ProgramOptions &options;
  llvm::IRBuilder<> builder;

  /// The thread's context: the function's first argument.
  llvm::Value *getContext() const { return function.getArg(0); }
  llvm::Value *readRegister(Register name);
  /// A field of the context that the thread never changes.
  llvm::Value *readField(size_t offset, llvm::Type *type);
  /// Calls a builtin whose first argument is the context.
  llvm::CallInst *callThread(llvm::StringRef name, llvm::Type *type,
                             llvm::ArrayRef<llvm::Value *> arguments);
  llvm::Value *getInt(uint64_t value) { return builder.getInt32(value); }

  /// Remembers how instructions look before they change.
  void recordTexts();
  void setText(const llvm::Instruction &instruction, std::string text);
  /// Whether the program has it, as against what lowering adds.
  bool isOfProgram(const llvm::Instruction &instruction) const {
    return texts.count(&instruction);
  }
  /// The site of an instruction, made when first asked for.
  uint32_t getSite(const llvm::Instruction &instruction);
  uint32_t addAccess(const llvm::Instruction &instruction, AccessKind kind,
                     llvm::Type *pointer, uint64_t bytes, uint64_t alignment);

  llvm::CallInst *callWarp(WarpOperation operation, llvm::Value *mask,
                           llvm::Value *value, uint32_t site,
                           llvm::Value *b = nullptr, llvm::Value *c = nullptr);
  llvm::CallInst *callBarrier(BarrierOperation operation, llvm::Value *id,
                              llvm::Value *count, bool aligned,
                              llvm::Value *predicate, uint32_t site);
  /// An asynchronous copy; `copied` may be null: all of it.
  void callCopyAsync(const llvm::Instruction &at, llvm::Value *to,
                     llvm::Value *from, uint32_t bytes, llvm::Value *copied);

private:
  llvm::DenseMap<const llvm::Instruction *, std::string> texts;
  llvm::DenseMap<const llvm::Instruction *, uint32_t> sites;
};

/// The register behind the name of a special one ("tid.x").
std::optional<Register> findRegister(llvm::StringRef name);

/// Emits what an intrinsic of a GPU target does, in front of the call. Null:
/// unknown.
llvm::Value *lowerIntrinsic(Lowering &lowering, llvm::CallInst &call,
                            llvm::StringRef name);

/// The same for AMD's, without llvm.amdgcn. in front.
llvm::Value *lowerAMDGCN(Lowering &lowering, llvm::CallInst &call,
                         llvm::StringRef name);
/// AMD's library has the sizes of a launch; null where it is another function.
llvm::Value *lowerOCKL(Lowering &lowering, llvm::CallInst &call,
                       llvm::StringRef name);

/// What it counts as.
InstructionClass classify(const llvm::Instruction &instruction);

/// Emits what inline PTX does, in front of the call; the error names what is
/// not known. Gives the value of the call, null if it has none.
llvm::Expected<llvm::Value *> translatePTX(Lowering &lowering,
                                           llvm::CallInst &call);

/// What kernels for AMD's GPUs read of arguments that launches add.
llvm::Error replaceHiddenArguments(Lowering &lowering);

/// Counts basic blocks.
void countBlocks(Lowering &lowering);
/// Calls the observer before each access to memory.
void instrumentAccesses(Lowering &lowering);
/// Lets other threads run, now and then, in each loop.
void insertYields(Lowering &lowering);

/// Turns a module for a GPU into one for the host, but for its data layout.
llvm::Error retarget(llvm::Module &module, CodeTables &tables,
                     const ProgramOptions &options);

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_LOWERING_H
