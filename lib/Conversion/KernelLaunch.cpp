//===- KernelLaunch.cpp - How kernels are launched -----------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Conversion/KernelLaunch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

static std::string makeName(const Twine &name) {
  std::string text = name.str();
  for (char &letter : text)
    if (!llvm::isAlnum(letter) && letter != '_')
      letter = '_';
  return text;
}

gpu::LaunchOp mlir::seednorm::createKernelLaunch(
    OpBuilder &builder, Location loc, const Twine &name, Value ctas,
    int64_t threadsX, int64_t threadsY, int64_t ctasOfCluster) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value one = constant(1), clusterSize, clusterOne;
  if (ctasOfCluster > 1) {
    clusterSize = constant(ctasOfCluster);
    clusterOne = one;
  }
  MLIRContext *context = builder.getContext();
  auto launch = gpu::LaunchOp::create(
      builder, loc, ctas, one, one, constant(threadsX), constant(threadsY), one,
      /*dynamicSharedMemorySize=*/nullptr, /*asyncTokenType=*/nullptr,
      /*asyncDependencies=*/ValueRange(), /*workgroupAttributions=*/TypeRange(),
      /*privateAttributions=*/TypeRange(), clusterSize, clusterOne, clusterOne,
      FlatSymbolRefAttr::get(context, "seednorm_kernels"),
      FlatSymbolRefAttr::get(context, makeName(name)));
  // The builder leaves out those of the cluster.
  Block &body = launch.getBody().front();
  while (body.getNumArguments() < launch.getNumConfigRegionAttributes())
    body.addArgument(builder.getIndexType(), loc);
  return launch;
}
