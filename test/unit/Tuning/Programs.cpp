//===- Programs.cpp - Row programs to tune -------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include "mlir/Pass/PassManager.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "llvm/Support/FormatVariadic.h"
#include <gtest/gtest.h>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::testing;

const tuning::Target seednorm::testing::wideTarget = {"x86_64-linux-gnu",
                                                      "x86-64-v4", ""};
const tuning::Target seednorm::testing::h100 = {"nvptx64-nvidia-cuda", "sm_90",
                                                ""};
const std::vector<tuning::Target> seednorm::testing::cpuTargets = {
    {"x86_64-linux-gnu", "x86-64", ""},
    {"x86_64-linux-gnu", "x86-64-v3", ""},
    wideTarget,
    {"aarch64-linux-gnu", "cortex-a72", ""},
    {"aarch64-linux-gnu", "neoverse-v1", ""}};
const std::vector<tuning::Target> seednorm::testing::gpuTargets = {
    {"nvptx64-nvidia-cuda", "sm_80", ""},
    h100,
    {"amdgcn-amd-amdhsa", "gfx942", ""},
    {"spirv64-unknown-unknown", "", ""}};

std::string NormSpec::getName() const {
  return formatv("{0}{1} {2} {3} heads {4}", op, isBackward ? " backward" : "",
                 width, type, heads);
}

std::string seednorm::testing::makeSource(const NormSpec &spec) {
  std::string width = spec.width ? std::to_string(spec.width) : "?";
  std::string row = "tensor<?x" + width + "x" + spec.type + ">";
  std::string column = "tensor<" + width + "x" + spec.type + ">";
  std::string sums =
      "tensor<" + width + "x" + (spec.type == "f64" ? "f64" : "f32") + ">";
  // Parameters with their types and those of their gradients.
  std::string names, types = row, gradients = row, arguments = "%x";
  std::string parts, attributes;
  auto add = [&](StringRef part, StringRef name, StringRef type,
                 StringRef gradient) {
    names += (", %" + name + ": " + type).str();
    arguments += (", %" + name).str();
    types += (", " + type).str();
    gradients += (", " + gradient).str();
    if (!part.empty())
      parts += (" " + part + "(%" + name + " : " + type + ")").str();
  };
  std::string before, input = "%x", op = spec.op;
  if (op == "norm") {
    add("alpha", "a", column, sums);
    add("beta", "b", column, sums);
    add("gamma", "g", column, sums);
    attributes = " {heads = " + std::to_string(spec.heads) + "}";
  } else if (op == "rms_norm") {
    add("gamma", "g", column, sums);
  } else if (op == "layer_norm") {
    add("gamma", "g", column, sums);
    add("beta", "b", column, sums);
  } else if (op == "dyt") {
    add("a", "a", "tensor<1x" + spec.type + ">", "tensor<1xf32>");
    add("gamma", "g", column, sums);
  } else if (op == "add") {
    op = "rms_norm";
    add("", "r", row, row);
    add("gamma", "g", column, sums);
    before = "  %h = arith.addf %x, %r : " + row + "\n";
    input = "%h";
  }
  std::string source = formatv(
      "func.func @{0}(%x: {1}{2}) -> {1} {{\n{3}  %y = seednorm.{4} ins({5} : "
      "{1}){6} outs({5} : {1}){7} -> {1}\n  return %y : {1}\n}\n",
      spec.isBackward ? "forward" : "f", row, names, before, op, input, parts,
      attributes);
  if (!spec.isBackward)
    return source;
  source += formatv("func.func private @gradient({0}, {1}) -> ({2}) attributes "
                    "{{seednorm.gradient_of = @forward}\n",
                    types, row, gradients);
  std::string results;
  size_t count = StringRef(types).count("tensor");
  for (size_t i = 0; i < count; ++i)
    results += (i ? ", %d#" : "%d#") + std::to_string(i);
  source +=
      formatv("func.func @f(%x: {0}{1}, %dy: {0}) -> ({2}) {{\n  %d:{3} "
              "= call @gradient({4}, %dy) : ({5}, {0}) -> ({2})\n  return "
              "{6} : {2}\n}\n",
              row, names, gradients, count, arguments, types, results);
  return source;
}

std::vector<NormSpec> seednorm::testing::getNormSpecs() {
  std::vector<NormSpec> specs;
  for (bool isBackward : {false, true}) {
    for (const char *op : {"rms_norm", "layer_norm", "dyt", "softmax", "add"})
      specs.push_back({op, 768, "f32", 1, isBackward});
    for (int64_t width : {0, 1, 13, 64, 100, 2048, 8192})
      specs.push_back({"norm", width, "f32", 1, isBackward});
    specs.push_back({"norm", 768, "f32", 12, isBackward});
    specs.push_back({"norm", 120, "f32", 8, isBackward});
    specs.push_back({"norm", 4096, "bf16", 1, isBackward});
    specs.push_back({"norm", 0, "bf16", 1, isBackward});
    specs.push_back({"norm", 100, "f64", 1, isBackward});
    specs.push_back({"rms_norm", 1000, "f16", 1, isBackward});
  }
  return specs;
}

static Model parse(const NormSpec &spec) {
  Expected<Model> model = Model::parse(makeSource(spec), spec.getName());
  if (!model)
    report_fatal_error(toString(model.takeError()).c_str());
  return std::move(*model);
}

Programs::Programs(const NormSpec &spec) : model(parse(spec)) {
  mlir::PassManager passes(model.getContext());
  mlir::seednorm::CPUPipelineOptions options;
  mlir::seednorm::buildRowProgramPipeline(passes, options);
  if (mlir::failed(passes.run(model.getModule())))
    ADD_FAILURE() << spec.getName();
  size_t most = 0;
  model.getModule()->walk([&](mlir::rowwise::ProgramOp program) {
    size_t count = program.getBlock()->getOperations().size();
    if (count > most) {
      most = count;
      largest = program;
    }
  });
}
