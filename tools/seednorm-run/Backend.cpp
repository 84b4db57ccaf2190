//===- Backend.cpp - What can run a model's entries ----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both backends check weights and inputs by the same code, against the same
// description of the entries.
//
//===----------------------------------------------------------------------===//

#include "Backend.h"
#include "seednorm/Interpreter/Interpreter.h"
#include "seednorm/Runtime/Model.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::run;

Backend::~Backend() = default;

static uint64_t countBytes(const Parameters &parameters,
                           ArrayRef<EntrySpec> entries, StringRef name) {
  uint64_t bytes = 0;
  for (const EntrySpec &entry : entries)
    for (const TensorSpec &input : entry.inputs)
      if (entry.name == name && input.isParameter())
        bytes += parameters.getBound().at(input.param).getByteSize();
  return bytes;
}

namespace {

class Compiled : public Backend {
public:
  explicit Compiled(std::unique_ptr<seednorm::Module> module)
      : module(std::move(module)) {}

  ArrayRef<EntrySpec> getEntries() const override {
    return module->getEntries();
  }
  Error bind(const Safetensors &weights) override {
    return module->bindParameters(weights);
  }
  uint64_t countParameterBytes(StringRef entry) const override {
    return countBytes(module->getParameters(), getEntries(), entry);
  }
  Expected<SmallVector<Tensor>> run(StringRef entry,
                                    ArrayRef<Tensor> inputs) const override {
    return module->run(entry, inputs);
  }

private:
  std::unique_ptr<seednorm::Module> module;
};

class Reference : public Backend {
public:
  Reference(Model model, std::vector<EntrySpec> entries, Parameters parameters,
            bool checksNumerics)
      : model(std::move(model)), entries(std::move(entries)),
        parameters(std::move(parameters)), checksNumerics(checksNumerics) {}

  ArrayRef<EntrySpec> getEntries() const override { return entries; }
  Error bind(const Safetensors &weights) override {
    return parameters.bind(weights);
  }
  uint64_t countParameterBytes(StringRef entry) const override {
    return countBytes(parameters, entries, entry);
  }
  Expected<SmallVector<Tensor>> run(StringRef name,
                                    ArrayRef<Tensor> inputs) const override {
    Expected<const EntrySpec *> entry = findEntry(entries, name);
    if (!entry)
      return entry.takeError();
    auto arguments = parameters.collectArguments(**entry, inputs);
    if (!arguments)
      return arguments.takeError();
    if (checksNumerics)
      return interpretChecked(model.getModule(), **entry, *arguments);
    return interpret(model.getModule(), name, *arguments);
  }

private:
  Model model;
  std::vector<EntrySpec> entries;
  Parameters parameters;
  bool checksNumerics;
};

} // namespace

std::unique_ptr<Backend>
run::createCompiledBackend(std::unique_ptr<seednorm::Module> module) {
  return std::make_unique<Compiled>(std::move(module));
}

Expected<std::unique_ptr<Backend>>
run::createReferenceBackend(StringRef source, StringRef name,
                            bool checksNumerics) {
  Expected<Model> model = Model::parse(source, name);
  if (!model)
    return model.takeError();
  Expected<ModuleSpec> spec = model->describe();
  if (!spec)
    return spec.takeError();
  Expected<Parameters> parameters = Parameters::create(spec->entries);
  if (!parameters)
    return parameters.takeError();
  return std::make_unique<Reference>(std::move(*model),
                                     std::move(spec->entries),
                                     std::move(*parameters), checksNumerics);
}
