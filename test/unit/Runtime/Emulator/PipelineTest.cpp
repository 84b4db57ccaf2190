//===- PipelineTest.cpp - MLIR's kernels on the emulated GPU --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From gpu.launch through upstream's passes to bitcode, as a real pipeline
// goes.
//
//===----------------------------------------------------------------------===//

#include "Gpu.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Pipelines/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include <cmath>

using namespace seednorm;
using namespace seednorm::testing;

namespace {

/// The bitcode of the module's first gpu.binary.
std::string compile(llvm::StringRef source) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllGPUToLLVMIRTranslations(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
  mlir::PassManager passes(&context);
  mlir::gpu::GPUToNVVMPipelineOptions options;
  options.cubinChip = "sm_90";
  options.cubinFeatures = "+ptx80";
  options.cubinFormat = "llvm";
  mlir::gpu::buildLowerToNVVMPassPipeline(passes, options);
  if (!module || failed(passes.run(*module))) {
    ADD_FAILURE() << "the pipeline fails";
    return "";
  }
  std::string bitcode;
  module->walk([&](mlir::gpu::BinaryOp binary) {
    auto object = llvm::cast<mlir::gpu::ObjectAttr>(binary.getObjects()[0]);
    bitcode = object.getObject().getValue().str();
  });
  return bitcode;
}

/// x / Σ x² of rows of 4096, 256 threads a row, with upstream's
/// all_reduce.
const std::string &getNormalisation() {
  static const std::string bitcode = compile(R"(
module attributes {gpu.container_module} {
func.func @main(%x: memref<?x4096xf32>, %y: memref<?x4096xf32>, %n: index) {
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c256 = arith.constant 256 : index
  %c1024 = arith.constant 1024 : index
  %c4096 = arith.constant 4096 : index
  %zero = arith.constant 0.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c256, %sy = %c1, %sz = %c1) {
    %first = arith.muli %tx, %c4 : index
    %sum = scf.for %i = %first to %c4096 step %c1024 iter_args(%acc = %zero) -> f32 {
      %v = vector.load %x[%bx, %i] {alignment = 16} : memref<?x4096xf32>, vector<4xf32>
      %q = arith.mulf %v, %v : vector<4xf32>
      %r = vector.reduction <add>, %q, %acc : vector<4xf32> into f32
      scf.yield %r : f32
    }
    %total = gpu.all_reduce add %sum uniform {} : (f32) -> f32
    %one = arith.constant 1.0 : f32
    %scale = arith.divf %one, %total : f32
    %scales = vector.broadcast %scale : f32 to vector<4xf32>
    scf.for %i = %first to %c4096 step %c1024 {
      %v = vector.load %x[%bx, %i] {alignment = 16} : memref<?x4096xf32>, vector<4xf32>
      %q = arith.mulf %v, %scales : vector<4xf32>
      vector.store %q, %y[%bx, %i] {alignment = 16} : memref<?x4096xf32>, vector<4xf32>
    }
    gpu.terminator
  }
  return
}
})");
  return bitcode;
}

/// The kernel's arguments as outlining orders them: what it captured, each
/// memref as its descriptor.
std::string normalise(Gpu &gpu, float *x, float *y, int64_t rows) {
  const std::string &module = getNormalisation();
  int64_t zero = 0, width = 4096, one = 1, four = 4, step = 1024;
  return gpu.launch(module, "main_kernel", Shape::of(rows, 256), four, x, x,
                    zero, rows, width, width, one, width, step, 0.0f, y, y,
                    zero, rows, width, width, one);
}

TEST(Pipeline, RunsUpstreamsReductions) {
  constexpr int rows = 5, width = 4096;
  std::vector<float> in(rows * width), first;
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = std::sin(static_cast<float>(i));
  for (uint64_t seed : {0, 1, 2}) {
    EmulatorOptions options;
    options.seed = seed;
    // Lanes of upstream's last stage read and write one place with nothing but
    // shuffles between, which do not order memory: a race, to the letter.
    options.checks = EmulatorChecks::Accesses;
    Gpu gpu(options);
    float *x = gpu.upload(in);
    auto *y = static_cast<float *>(gpu.allocate(in.size() * 4));
    ASSERT_EQ(normalise(gpu, x, y, rows), "");
    EXPECT_EQ(gpu.findings(), "");
    std::vector<float> out = gpu.download(y, in.size());
    if (seed == 0)
      first = out;
    EXPECT_EQ(out, first);
    for (int row = 0; row < rows; ++row) {
      double sum = 0;
      for (int i = 0; i < width; ++i)
        sum += double(in[row * width + i]) * in[row * width + i];
      for (int i = 0; i < width; ++i)
        ASSERT_NEAR(out[row * width + i], in[row * width + i] / sum, 1e-8);
    }
  }
}

} // namespace
