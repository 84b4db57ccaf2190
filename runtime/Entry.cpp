//===- Entry.cpp - The signatures of a module's entries ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Objects come from files, so their metadata is checked like any other input.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/Entry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace seednorm;

static constexpr int64_t metadataVersion = 1;
static constexpr size_t maxRank = 64;

Error seednorm::checkTensor(const TensorSpec &spec, const Tensor &tensor,
                            const Twine &what) {
  bool same = spec.dtype == tensor.getDType() &&
              spec.shape.size() == tensor.getShape().size();
  if (same)
    for (auto [expected, actual] : zip(spec.shape, tensor.getShape()))
      same &= expected < 0 || expected == actual;
  if (same)
    return Error::success();
  return makeError(what + " is " + tensor.getTypeString() + ", but " +
                   spec.getTypeString() + " is expected");
}

size_t EntrySpec::getNumInputs() const {
  return llvm::count_if(
      inputs, [](const TensorSpec &input) { return !input.isParameter(); });
}

Error EntrySpec::checkNumInputs(size_t count) const {
  if (count == getNumInputs())
    return Error::success();
  return makeError("entry " + quote(name) + " takes " + Twine(getNumInputs()) +
                   " inputs, but got " + Twine(count));
}

namespace seednorm {

static bool fromJSON(const json::Value &value, TensorSpec &spec,
                     json::Path path) {
  json::ObjectMapper map(value, path);
  std::string dtype;
  std::vector<int64_t> shape;
  if (!map || !map.map("name", spec.name) || !map.map("dtype", dtype) ||
      !map.map("shape", shape) || !map.mapOptional("param", spec.param))
    return false;
  std::optional<DType> parsed = parseDType(dtype);
  if (!parsed) {
    path.field("dtype").report("unknown element type");
    return false;
  }
  if (shape.size() > maxRank) {
    path.field("shape").report("too many dimensions");
    return false;
  }
  spec.dtype = *parsed;
  spec.shape.assign(shape.begin(), shape.end());
  return true;
}

static bool fromJSON(const json::Value &value, EntrySpec &spec,
                     json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("name", spec.name) && map.map("inputs", spec.inputs) &&
         map.map("results", spec.results);
}

static bool fromJSON(const json::Value &value, TargetSpec &target,
                     json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("triple", target.triple) &&
         map.map("cpu", target.cpu) && map.map("features", target.features);
}

static bool fromJSON(const json::Value &value, DeviceSpec &device,
                     json::Path path) {
  json::ObjectMapper map(value, path);
  std::string kind;
  if (!map || !map.map("kind", kind) || !map.map("chip", device.chip) ||
      !map.map("format", device.format))
    return false;
  std::optional<DeviceKind> parsed = parseDeviceKind(kind);
  if (!parsed) {
    path.field("kind").report("unknown kind of device");
    return false;
  }
  device.kind = *parsed;
  return true;
}

static bool fromJSON(const json::Value &value, ModuleSpec &spec,
                     json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("target", spec.target) &&
         map.mapOptional("device", spec.device) &&
         map.map("entries", spec.entries);
}

} // namespace seednorm

Expected<ModuleSpec> seednorm::parseModuleMetadata(StringRef text) {
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return makeError("the module's metadata is not JSON: " +
                     toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  std::optional<int64_t> version =
      object ? object->getInteger("version") : std::nullopt;
  if (version != metadataVersion)
    return makeError(
        "the module's metadata has " +
        (version ? "version " + Twine(*version) : Twine("no version")) +
        ", but this runtime reads version " + Twine(metadataVersion));
  ModuleSpec spec;
  json::Path::Root root("metadata");
  if (!fromJSON(*value, spec, root))
    return makeError("the module's metadata is damaged: " +
                     toString(root.getError()));
  StringSet<> names;
  for (const EntrySpec &entry : spec.entries)
    if (!names.insert(entry.name).second)
      return makeError("the module's metadata has two entries " +
                       quote(entry.name));
  return spec;
}

Expected<const EntrySpec *> seednorm::findEntry(ArrayRef<EntrySpec> entries,
                                                StringRef name) {
  for (const EntrySpec &entry : entries)
    if (entry.name == name)
      return &entry;
  if (entries.empty())
    return makeError("the module has no entry points, which its public "
                     "functions would be");
  std::string names =
      join(map_range(entries,
                     [](const EntrySpec &entry) { return quote(entry.name); }),
           ", ");
  return makeError("the module has no entry " + quote(name) + "; it has " +
                   names);
}
