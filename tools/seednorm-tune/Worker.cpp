//===- Worker.cpp - The child process of seednorm-tune -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/Worker.h"
#include "Subcommands.h"
#include <unistd.h>

llvm::Expected<int> seednorm::tune::runWorker(int, char **) {
  return tuning::runWorkerProcess(STDIN_FILENO, STDOUT_FILENO);
}
