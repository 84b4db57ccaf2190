//===- TrialSetup.cpp - What a worker has to know, as JSON ---------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both directions side by side. A setup that is not of our making is an error.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Worker.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::tuning;

static json::Value toJSON(ArrayRef<InputSpec> inputs) {
  json::Array array;
  for (const InputSpec &input : inputs)
    array.push_back(json::Object{{"type", stringifyDType(input.dtype)},
                                 {"shape", json::Array(input.shape)},
                                 {"kind", static_cast<int>(input.kind)}});
  return array;
}

json::Object tuning::toJSON(const TrialSetup &setup) {
  json::Array checks;
  for (const TrialCheck &check : setup.checks)
    checks.push_back(json::Object{{"inputs", ::toJSON(check.inputs)},
                                  {"expected", json::Array(check.expected)}});
  return json::Object{{"inputs", ::toJSON(setup.inputs)},
                      {"checks", std::move(checks)},
                      {"reference", setup.reference},
                      {"sums", json::Array(setup.sums)},
                      {"threads", setup.threads},
                      {"memory_bytes", int64_t(setup.memoryBytes)}};
}

namespace seednorm::tuning {
// Where json::ObjectMapper finds them.

static bool fromJSON(const json::Value &value, InputSpec &input,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  std::string type;
  std::vector<int64_t> shape;
  int64_t kind = 0;
  if (!mapper || !mapper.map("type", type) || !mapper.map("shape", shape) ||
      !mapper.map("kind", kind))
    return false;
  std::optional<DType> dtype = parseDType(type);
  if (!dtype || shape.empty() || kind < 0 || kind > int(InputKind::Column)) {
    path.report("is no input");
    return false;
  }
  input = {*dtype, {shape.begin(), shape.end()}, static_cast<InputKind>(kind)};
  return true;
}

static bool fromJSON(const json::Value &value, TrialCheck &check,
                     json::Path path) {
  json::ObjectMapper mapper(value, path);
  return mapper && mapper.map("inputs", check.inputs) &&
         mapper.map("expected", check.expected);
}

} // namespace seednorm::tuning

Expected<TrialSetup> tuning::parseTrialSetup(const json::Object &object) {
  TrialSetup setup;
  json::Path::Root root("setup");
  json::Value value(json::Object{object});
  json::ObjectMapper mapper(value, root);
  int64_t memoryBytes = 0;
  if (!mapper || !mapper.map("inputs", setup.inputs) ||
      !mapper.map("checks", setup.checks) ||
      !mapper.map("reference", setup.reference) ||
      !mapper.map("sums", setup.sums) ||
      !mapper.map("threads", setup.threads) ||
      !mapper.map("memory_bytes", memoryBytes))
    return root.getError();
  setup.memoryBytes = memoryBytes;
  return setup;
}
