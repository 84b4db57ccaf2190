//===- Model.cpp - Model IR in memory ------------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The signatures come from the pass that writes the metadata, so that there is
// one place that knows what an entry is.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Model.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Conversion/Passes.h"
#include "seednorm/InitAll.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace seednorm;

static std::string formatDiagnostic(mlir::Diagnostic &diagnostic) {
  std::string message;
  raw_string_ostream stream(message);
  if (auto place =
          diagnostic.getLocation()->findInstanceOf<mlir::FileLineColLoc>())
    stream << place.getFilename().getValue() << ':' << place.getLine() << ':'
           << place.getColumn() << ": ";
  stream << diagnostic;
  return join(split(message, '\n'), " ");
}

FirstError::FirstError(mlir::MLIRContext *context)
    : handler(context, [this](mlir::Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error &&
            text.empty())
          text = formatDiagnostic(diagnostic);
        return mlir::success();
      }) {}

Error FirstError::take(StringRef otherwise) const {
  return makeError(text.empty() ? otherwise : StringRef(text));
}

Expected<Model> Model::parse(StringRef source, StringRef name) {
  mlir::DialectRegistry registry;
  mlir::seednorm::registerAllDialects(registry);
  Model model;
  // Dumping IR after a pass needs one thread, and models are small.
  model.context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  FirstError error(model.getContext());
  SourceMgr manager;
  manager.AddNewSourceBuffer(MemoryBuffer::getMemBufferCopy(source, name),
                             SMLoc());
  model.module =
      mlir::parseSourceFile<mlir::ModuleOp>(manager, model.getContext());
  if (!model.module)
    return error.take(name.str() + ": cannot be parsed");
  return model;
}

Expected<ModuleSpec> Model::describe() const {
  FirstError error(getContext());
  mlir::OwningOpRef<mlir::ModuleOp> copy = getModule().clone();
  mlir::PassManager passes(getContext());
  passes.addPass(mlir::seednorm::createExportEntries());
  if (mlir::failed(passes.run(*copy)))
    return error.take("the entries cannot be described");
  auto metadata = copy->lookupSymbol<mlir::LLVM::GlobalOp>(kMetadataSymbol);
  auto text = cast<mlir::StringAttr>(metadata.getValueAttr()).getValue();
  return parseModuleMetadata(text.rtrim('\0'));
}
