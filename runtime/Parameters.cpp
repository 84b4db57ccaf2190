//===- Parameters.cpp - Weights bound to entries -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most of this is saying precisely what does not match.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Parameters.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace seednorm;

Expected<Parameters> Parameters::create(ArrayRef<EntrySpec> entries) {
  Parameters result;
  for (const EntrySpec &entry : entries)
    for (const TensorSpec &input : entry.inputs) {
      if (!input.isParameter())
        continue;
      auto [known, isNew] = result.specs.insert({input.param, input});
      if (!isNew && (known->second.dtype != input.dtype ||
                     known->second.shape != input.shape))
        return makeError("parameter " + quote(input.param) + " of entry " +
                         quote(entry.name) + " is " + input.getTypeString() +
                         ", but another use of it says " +
                         known->second.getTypeString());
    }
  return result;
}

static std::string andMore(size_t others) {
  return others ? " (and " + std::to_string(others) + " more)" : "";
}

/// The name in `candidates` that `name` was most likely meant to be, or none.
static StringRef findNearest(StringRef name, ArrayRef<StringRef> candidates) {
  StringRef nearest;
  unsigned best = std::max<unsigned>(2, name.size() / 3) + 1;
  for (StringRef candidate : candidates) {
    unsigned distance =
        name.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/// An error unless the two maps have the same names.
static Error checkNames(const std::map<std::string, TensorSpec> &parameters,
                        const std::map<std::string, Tensor> &weights) {
  SmallVector<StringRef> missing, extra;
  for (auto &[name, spec] : parameters)
    if (!weights.count(name))
      missing.push_back(name);
  for (auto &[name, tensor] : weights)
    if (!parameters.count(name))
      extra.push_back(name);
  if (!missing.empty()) {
    StringRef nearest = findNearest(missing.front(), extra);
    return makeError(
        "parameter " + quote(missing.front()) + " is not in the weights" +
        andMore(missing.size() - 1) +
        (nearest.empty() ? ""
                         : "; did you mean " + quote(nearest) + ", which is?"));
  }
  if (!extra.empty())
    return makeError("the weights have " + quote(extra.front()) +
                     andMore(extra.size() - 1) +
                     ", which is no parameter of the module");
  return Error::success();
}

Error Parameters::bind(const Safetensors &weights) {
  if (Error error = checkNames(specs, weights.tensors))
    return error;
  std::map<std::string, Tensor> fresh;
  for (auto &[name, spec] : specs) {
    const Tensor &tensor = weights.tensors.find(name)->second;
    if (Error error = checkTensor(spec, tensor, "parameter " + quote(name)))
      return error;
    Expected<Tensor> contiguous = tensor.contiguous();
    if (!contiguous)
      return contiguous.takeError();
    fresh.insert({name, std::move(*contiguous)});
  }
  bound = std::move(fresh);
  return Error::success();
}

Expected<SmallVector<Tensor>>
Parameters::collectArguments(const EntrySpec &entry,
                             ArrayRef<Tensor> inputs) const {
  if (Error error = entry.checkNumInputs(inputs.size()))
    return error;
  SmallVector<Tensor> arguments;
  const Tensor *next = inputs.begin();
  for (const TensorSpec &spec : entry.inputs) {
    if (spec.isParameter()) {
      auto found = bound.find(spec.param);
      if (found == bound.end())
        return makeError("entry " + quote(entry.name) + " needs parameter " +
                         quote(spec.param) + ", but no weights are bound");
      arguments.push_back(found->second);
      continue;
    }
    std::string what = ("input " + Twine(next - inputs.begin()) + " (" +
                        quote(spec.name) + ") of entry " + quote(entry.name))
                           .str();
    if (Error error = checkTensor(spec, *next, what))
      return error;
    arguments.push_back(*next++);
  }
  return arguments;
}
