//===- Arithmetic.h - GPU arithmetic as IR of the host ----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floating-point operations as NVVM's intrinsics and PTX name them, with their
// rounding, flushing and saturation. It must not know threads or memory.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_EMULATOR_ARITHMETIC_H
#define SEEDNORM_RUNTIME_EMULATOR_ARITHMETIC_H

#include "llvm/IR/IRBuilder.h"

namespace seednorm::emulator {

/// What a name says besides the operation.
struct FloatMode {
  /// rn, rz, rm or rp; empty where it does not say.
  llvm::StringRef rounding;
  bool flush = false, saturate = false, relu = false, approximate = false;
  bool propagateNaN = false, xorSignAbs = false, satfinite = false;

  /// Takes the part of a name; false if it is no mode.
  bool take(llvm::StringRef part);
};

/// The operation on the arguments, which are floats or vectors of floats; null
/// where there is no such operation.
llvm::Value *emitFloatOperation(llvm::IRBuilder<> &builder,
                                llvm::StringRef operation,
                                const FloatMode &mode,
                                llvm::ArrayRef<llvm::Value *> arguments);

/// An integer as a float, rounded as the mode says; null if it cannot be.
llvm::Value *emitIntToFloat(llvm::IRBuilder<> &builder, llvm::Value *value,
                            bool isSigned, llvm::Type *type,
                            const FloatMode &mode);
/// A float as the nearest integer in that direction; what is out of range goes
/// to the closest, and what is no number to zero.
llvm::Value *emitFloatToInt(llvm::IRBuilder<> &builder, llvm::Value *value,
                            bool isSigned, llvm::Type *type,
                            const FloatMode &mode);
/// Between formats of floats; null if it cannot be.
llvm::Value *emitFloatToFloat(llvm::IRBuilder<> &builder, llvm::Value *value,
                              llvm::Type *type, const FloatMode &mode);

/// An operation of NVVM without llvm.nvvm. in front ("fma.rn.ftz.f"); null
/// where it is no arithmetic.
llvm::Value *emitNVVMArithmetic(llvm::IRBuilder<> &builder,
                                llvm::StringRef name,
                                llvm::ArrayRef<llvm::Value *> arguments,
                                llvm::Type *type);

/// A call of a builtin.
llvm::Value *emitCall(llvm::IRBuilder<> &builder, llvm::StringRef name,
                      llvm::Type *type,
                      llvm::ArrayRef<llvm::Value *> arguments);

} // namespace seednorm::emulator

#endif // SEEDNORM_RUNTIME_EMULATOR_ARITHMETIC_H
