//===- OneDNN.cpp - oneDNN's LayerNorm
//--------------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The norm that oneDNN has, with primitives made once. Throws inside only.
//
//===----------------------------------------------------------------------===//

#include "Native.h"
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>

using namespace dnnl;

/// Primitives that are executed one after the other.
struct bench_onednn {
  engine cpu{engine::kind::cpu, 0};
  stream order{cpu};
  std::vector<std::pair<primitive, std::unordered_map<int, memory>>> steps;

  void execute() {
    for (auto &[step, arguments] : steps)
      step.execute(order, arguments);
    order.wait();
  }
};

static std::string &lastError() {
  static thread_local std::string text;
  return text;
}

namespace {

/// Where the arrays are in bench_onednn_create's list.
enum Array {
  X,
  Other,
  Scale,
  Shift,
  Result,
  Sum,
  ScaleGradient,
  ShiftGradient
};

/// Builds the steps of one norm.
struct Builder {
  bench_onednn &norm;
  void *const *arrays;
  memory::desc rows, columns;
  float eps;

  memory wrap(const memory::desc &desc, Array array) const {
    return memory(desc, norm.cpu, arrays[array]);
  }

  layer_normalization_forward::primitive_desc
  describeForward(prop_kind kind) const {
    using Flags = normalization_flags;
    return {{kind, rows, eps, Flags::use_scale | Flags::use_shift}, norm.cpu};
  }

  void addForward(Array input) {
    auto forward = describeForward(prop_kind::forward_inference);
    norm.steps.push_back({layer_normalization_forward(forward),
                          {{DNNL_ARG_SRC, wrap(rows, input)},
                           {DNNL_ARG_SCALE, wrap(columns, Scale)},
                           {DNNL_ARG_SHIFT, wrap(columns, Shift)},
                           {DNNL_ARG_DST, wrap(rows, Result)}}});
  }

  void addSum() {
    binary::primitive_desc sum({algorithm::binary_add, rows, rows, rows},
                               norm.cpu);
    norm.steps.push_back({binary(sum),
                          {{DNNL_ARG_SRC_0, wrap(rows, X)},
                           {DNNL_ARG_SRC_1, wrap(rows, Other)},
                           {DNNL_ARG_DST, wrap(rows, Sum)}}});
  }

  /// From statistics that a forward has saved.
  void addBackward() {
    auto forward = describeForward(prop_kind::forward_training);
    memory mean(forward.mean_desc(), norm.cpu),
        variance(forward.variance_desc(), norm.cpu);
    layer_normalization_forward(forward).execute(
        norm.order, {{DNNL_ARG_SRC, wrap(rows, X)},
                     {DNNL_ARG_SCALE, wrap(columns, Scale)},
                     {DNNL_ARG_SHIFT, wrap(columns, Shift)},
                     {DNNL_ARG_MEAN, mean},
                     {DNNL_ARG_VARIANCE, variance},
                     {DNNL_ARG_DST, wrap(rows, Result)}});
    norm.order.wait();
    using Flags = normalization_flags;
    layer_normalization_backward::primitive_desc backward(
        {prop_kind::backward, rows, rows, eps,
         Flags::use_scale | Flags::use_shift},
        norm.cpu, forward);
    norm.steps.push_back(
        {layer_normalization_backward(backward),
         {{DNNL_ARG_SRC, wrap(rows, X)},
          {DNNL_ARG_SCALE, wrap(columns, Scale)},
          // Version 2.6 counts it among the inputs.
          {DNNL_ARG_SHIFT, wrap(columns, Shift)},
          {DNNL_ARG_MEAN, mean},
          {DNNL_ARG_VARIANCE, variance},
          {DNNL_ARG_DIFF_DST, wrap(rows, Other)},
          {DNNL_ARG_DIFF_SRC, wrap(rows, Result)},
          {DNNL_ARG_DIFF_SCALE, wrap(columns, ScaleGradient)},
          {DNNL_ARG_DIFF_SHIFT, wrap(columns, ShiftGradient)}}});
  }
};

} // namespace

bench_onednn *bench_onednn_create(int32_t kind, int32_t isBF16, int64_t rows,
                                  int64_t width, float eps,
                                  void *const *arrays) {
  using Type = memory::data_type;
  bench_onednn *norm = nullptr;
  try {
    norm = new bench_onednn;
    Builder builder = {
        *norm, arrays,
        memory::desc({rows, width}, isBF16 ? Type::bf16 : Type::f32,
                     memory::format_tag::ab),
        memory::desc({width}, Type::f32, memory::format_tag::a), eps};
    if (kind == BENCH_ONEDNN_RESIDUAL)
      builder.addSum();
    if (kind == BENCH_ONEDNN_BACKWARD)
      builder.addBackward();
    else
      builder.addForward(kind == BENCH_ONEDNN_RESIDUAL ? Sum : X);
    return norm;
  } catch (const std::exception &error) {
    lastError() = error.what();
  }
  delete norm;
  return nullptr;
}

double bench_onednn_run(bench_onednn *norm, int64_t repetitions) {
  try {
    return seednorm::bench::measure(repetitions, [&] {
      norm->execute();
      return true;
    });
  } catch (const std::exception &error) {
    lastError() = error.what();
    return -1;
  }
}

void bench_onednn_destroy(bench_onednn *norm) { delete norm; }

const char *bench_onednn_error() { return lastError().c_str(); }

const char *bench_onednn_version() {
  static const std::string text = [] {
    const version_t *version = dnnl::version();
    return std::to_string(version->major) + "." +
           std::to_string(version->minor) + "." +
           std::to_string(version->patch);
  }();
  return text.c_str();
}
