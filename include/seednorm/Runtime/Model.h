//===- Model.h - Model IR in memory -----------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses model IR with every dialect a model may use, and turns MLIR's
// diagnostics into one-line errors. The one public header of the runtime that
// needs MLIR's.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_MODEL_H
#define SEEDNORM_RUNTIME_MODEL_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "seednorm/Runtime/Entry.h"

namespace seednorm {

/// While it lives, keeps the first error that MLIR reports instead of printing.
class FirstError {
public:
  explicit FirstError(mlir::MLIRContext *context);
  /// The error kept, or one with the text if there was none.
  llvm::Error take(llvm::StringRef otherwise) const;

private:
  std::string text;
  mlir::ScopedDiagnosticHandler handler;
};

class Model {
public:
  /// Parses and verifies MLIR's text form, whose `name` is for messages.
  static llvm::Expected<Model> parse(llvm::StringRef source,
                                     llvm::StringRef name);

  mlir::MLIRContext *getContext() const { return context.get(); }
  mlir::ModuleOp getModule() const { return *module; }

  /// The signatures of its entries, as its compiled form would have them.
  llvm::Expected<ModuleSpec> describe() const;

private:
  Model() = default;

  std::unique_ptr<mlir::MLIRContext> context;
  mutable mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_MODEL_H
