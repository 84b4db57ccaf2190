//===- Model.cpp - The kernels of a model as PTX -------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pipeline up to where the host's code would begin.
//
//===----------------------------------------------------------------------===//

#include "Model.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "seednorm/Pipelines/Pipelines.h"
#include "seednorm/Runtime/Model.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

Expected<std::vector<std::string>>
gpureport::compileToPTX(StringRef source, StringRef name, StringRef chip) {
  Expected<Model> model = Model::parse(source, name);
  if (!model)
    return model.takeError();
  FirstError error(model->getContext());
  mlir::PassManager passes(model->getContext());
  mlir::seednorm::NVVMPipelineOptions options;
  options.chip = chip.str();
  options.format = "none";
  mlir::seednorm::buildNVVMPipeline(passes, options);
  mlir::GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = "isa";
  passes.addPass(mlir::createGpuModuleToBinaryPass(binary));
  if (mlir::failed(passes.run(model->getModule())))
    return error.take("the pipeline failed on " + name.str());
  std::vector<std::string> texts;
  for (auto op : model->getModule().getOps<mlir::gpu::BinaryOp>())
    for (mlir::Attribute object : op.getObjects()) {
      StringRef text =
          cast<mlir::gpu::ObjectAttr>(object).getObject().getValue();
      // The driver wants an end that the text has not.
      text.consume_back(StringRef("\0", 1));
      texts.push_back(text.str());
    }
  return texts;
}
