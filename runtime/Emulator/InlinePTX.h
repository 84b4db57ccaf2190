//===- InlinePTX.h - Inline assembly as IR ----------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Translates the statements of one inline assembly string. Memory and threads
// are in InlinePTX.cpp, arithmetic in PTXArithmetic.cpp. What is not known is
// an error that names it.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_INLINEPTX_H
#define SEEDNORM_RUNTIME_EMULATOR_INLINEPTX_H

#include "Arithmetic.h"
#include "Lowering.h"
#include "llvm/ADT/StringMap.h"

namespace seednorm::emulator {

/// One instruction: "ld.global.v4.b32 {a, b, c, d}, [p]".
struct PTXStatement {
  llvm::StringRef text;
  /// The opcode and what follows it, split at dots.
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::SmallVector<llvm::StringRef> operands;

  llvm::StringRef opcode() const { return parts[0]; }
  bool has(llvm::StringRef part) const {
    return llvm::is_contained(parts, part);
  }
};

struct PTXType {
  llvm::Type *type = nullptr;
  bool isSigned = false;
};

class PTXTranslator {
public:
  PTXTranslator(Lowering &lowering, llvm::CallInst &call);
  llvm::Expected<llvm::Value *> run();

private:
  using Statement = const PTXStatement &;

  llvm::Error bindOperands();
  llvm::Error translateBlock(llvm::StringRef text);
  llvm::Error translateGuarded(llvm::StringRef text);
  llvm::Error translate(llvm::StringRef text);
  /// False where the instruction is not known.
  bool translateMemory(Statement statement);
  bool translateThreads(Statement statement);
  bool translateArithmetic(Statement statement);
  bool translateInteger(Statement statement, PTXType type);
  bool translateFloat(Statement statement, PTXType type);
  bool translateConversion(Statement statement);
  bool translateMove(Statement statement, PTXType type);
  bool translateCompare(Statement statement, PTXType type);

  bool load(Statement statement);
  bool store(Statement statement);
  bool atomic(Statement statement);
  bool copyAsync(Statement statement);

  std::optional<PTXType> parseType(llvm::StringRef name);
  /// The type that ends the opcode.
  std::optional<PTXType> getType(Statement statement);
  /// Null where the operand cannot be read; reported by the caller.
  llvm::Value *read(llvm::StringRef operand, llvm::Type *type);
  llvm::Value *readRegister(llvm::StringRef operand);
  bool write(llvm::StringRef operand, llvm::Value *value);
  llvm::Value *readAddress(llvm::StringRef operand, unsigned space);
  unsigned getSpace(Statement statement);
  llvm::Value *coerce(llvm::Value *value, llvm::Type *type);
  /// Elements of "{a, b}", or the operand alone.
  static llvm::SmallVector<llvm::StringRef>
  getElements(llvm::StringRef operand);
  /// All arguments after the result; false where one cannot be read.
  bool readArguments(Statement statement, llvm::Type *type,
                     llvm::SmallVectorImpl<llvm::Value *> &arguments);
  llvm::Error unknown(llvm::StringRef text);

  Lowering &lowering;
  llvm::CallInst &call;
  llvm::IRBuilder<> &builder;
  /// By "$1" or the name; outputs too, once written.
  llvm::StringMap<llvm::Value *> registers;
  llvm::SmallVector<llvm::Type *> outputs;
  llvm::Value *carry = nullptr;
};

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_INLINEPTX_H
