//===- ExportEntries.cpp - Entry points and their description ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says which functions the runtime may call and with what. Knows nothing of how
// they are compiled.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "seednorm/Conversion/Passes.h"
#include "llvm/Support/JSON.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_EXPORTENTRIES
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static constexpr StringLiteral metadataName = "seednorm_module_metadata";
static constexpr StringLiteral paramAttr = "seednorm.param";
static constexpr StringLiteral nameAttr = "seednorm.name";

/// The runtime's name of an element type; empty if it has none.
static std::string getDTypeName(Type type) {
  bool known = type.isF64() || type.isF32() || type.isBF16() || type.isF16() ||
               type.isSignlessInteger(64) || type.isSignlessInteger(32) ||
               type.isSignlessInteger(16) || type.isSignlessInteger(8) ||
               type.isSignlessInteger(1);
  std::string name;
  if (known)
    llvm::raw_string_ostream(name) << type;
  return name;
}

namespace {
struct ExportEntries : seednorm::impl::ExportEntriesBase<ExportEntries> {
  using ExportEntriesBase::ExportEntriesBase;

  void runOnOperation() override {
    if (getOperation().lookupSymbol(metadataName)) {
      getOperation().emitError("already defines '") << metadataName << "'";
      return signalPassFailure();
    }
    llvm::json::Array entries;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isPrivate() || function.isExternal())
        continue;
      FailureOr<llvm::json::Object> entry = describe(function);
      if (failed(entry))
        return signalPassFailure();
      entries.push_back(std::move(*entry));
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        UnitAttr::get(&getContext()));
    }
    llvm::json::Object module{
        {"version", 1},
        {"target", llvm::json::Object{{"triple", triple.getValue()},
                                      {"cpu", cpu.getValue()},
                                      {"features", features.getValue()}}},
        {"entries", std::move(entries)}};
    if (!device.empty())
      module["device"] = llvm::json::Object{{"kind", device.getValue()},
                                            {"chip", chip.getValue()},
                                            {"format", format.getValue()}};
    std::string text;
    llvm::raw_string_ostream(text) << llvm::json::Value(std::move(module));
    addGlobal(text);
  }

  FailureOr<llvm::json::Object> describe(func::FuncOp function) {
    llvm::json::Array inputs, results;
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
      auto tensor = describeTensor(function, type, "argument", i);
      if (failed(tensor))
        return failure();
      // The caller's arrays are only read, unless the model says otherwise.
      StringRef writable =
          bufferization::BufferizationDialect::kWritableAttrName;
      if (!function.getArgAttr(i, writable))
        function.setArgAttr(i, writable, BoolAttr::get(&getContext(), false));
      if (auto name = function.getArgAttrOfType<StringAttr>(i, nameAttr))
        (*tensor)["name"] = name.getValue();
      if (auto param = function.getArgAttrOfType<StringAttr>(i, paramAttr))
        (*tensor)["param"] = param.getValue();
      function.removeArgAttr(i, nameAttr);
      function.removeArgAttr(i, paramAttr);
      inputs.push_back(std::move(*tensor));
    }
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      auto tensor = describeTensor(function, type, "result", i);
      if (failed(tensor))
        return failure();
      if (auto name = function.getResultAttrOfType<StringAttr>(i, nameAttr))
        (*tensor)["name"] = name.getValue();
      function.removeResultAttr(i, StringAttr::get(&getContext(), nameAttr));
      results.push_back(std::move(*tensor));
    }
    return llvm::json::Object{{"name", function.getName()},
                              {"inputs", std::move(inputs)},
                              {"results", std::move(results)}};
  }

  FailureOr<llvm::json::Object> describeTensor(func::FuncOp function, Type type,
                                               StringRef what, size_t index) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    std::string dtype =
        tensor ? getDTypeName(tensor.getElementType()) : std::string();
    if (dtype.empty()) {
      function.emitError("entry point '@")
          << function.getName() << "' has " << what << " " << index
          << " of type " << type
          << ", but entry points take and return ranked tensors of f16, bf16, "
             "f32, f64, i1, i8, i16, i32 or i64";
      return failure();
    }
    llvm::json::Array shape;
    for (int64_t dim : tensor.getShape())
      shape.push_back(ShapedType::isDynamic(dim) ? -1 : dim);
    std::string name =
        ((what == "argument" ? "arg" : "result") + Twine(index)).str();
    return llvm::json::Object{
        {"name", name}, {"dtype", dtype}, {"shape", std::move(shape)}};
  }

  void addGlobal(StringRef text) {
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    std::string terminated = text.str() + '\0';
    auto type =
        LLVM::LLVMArrayType::get(builder.getI8Type(), terminated.size());
    LLVM::GlobalOp::create(builder, getOperation().getLoc(), type,
                           /*isConstant=*/true, LLVM::Linkage::External,
                           metadataName, builder.getStringAttr(terminated));
  }
};
} // namespace
