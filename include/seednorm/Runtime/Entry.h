//===- Entry.h - The signatures of a module's entries -----------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a compiled object says about itself, read from its metadata. Knows
// nothing of how code is loaded or called.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_ENTRY_H
#define SEEDNORM_RUNTIME_ENTRY_H

#include "seednorm/Runtime/Compiler.h"
#include "seednorm/Runtime/DeviceSpec.h"
#include "seednorm/Runtime/Tensor.h"

namespace seednorm {

/// `void seednorm_entry_f(void **args)` for an entry point `f`.
inline constexpr llvm::StringLiteral kEntryPrefix = "seednorm_entry_";
/// NUL-terminated JSON.
inline constexpr llvm::StringLiteral kMetadataSymbol =
    "seednorm_module_metadata";

/// An argument or result of an entry; negative dimensions are dynamic.
struct TensorSpec {
  std::string name;
  /// The parameter's name in a weights file; empty for an ordinary input.
  std::string param;
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t, 4> shape;

  bool isParameter() const { return !param.empty(); }
  std::string getTypeString() const { return formatType(dtype, shape); }
};

/// An error if the tensor's type, rank or static dimensions are others; it says
/// "<what> is …, but … is expected".
llvm::Error checkTensor(const TensorSpec &spec, const Tensor &tensor,
                        const llvm::Twine &what);

struct EntrySpec {
  std::string name;
  /// All arguments in order, parameters among them.
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> results;

  size_t getNumInputs() const;
  /// An error if inputs, parameters left out, are not as many as `count`.
  llvm::Error checkNumInputs(size_t count) const;
};

/// An error that lists the entries if there is none of that name.
llvm::Expected<const EntrySpec *> findEntry(llvm::ArrayRef<EntrySpec> entries,
                                            llvm::StringRef name);

struct ModuleSpec {
  TargetSpec target;
  DeviceSpec device;
  std::vector<EntrySpec> entries;
};

llvm::Expected<ModuleSpec> parseModuleMetadata(llvm::StringRef json);

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_ENTRY_H
