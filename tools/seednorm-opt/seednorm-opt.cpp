//===- seednorm-opt.cpp - The optimiser driver ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Version.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "seednorm/InitAll.h"
#include "llvm/Support/CommandLine.h"

int main(int argc, char **argv) {
  llvm::cl::SetVersionPrinter(seednorm::printVersion);
  mlir::DialectRegistry registry;
  mlir::seednorm::registerAllDialects(registry);
  mlir::seednorm::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "SeeDNorm-MLIR optimiser driver\n", registry));
}
