//===- WavesTest.cpp - Kernels for AMD's GPUs, emulated
//--------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The ROCDL pipeline's own LLVM IR, in waves of 64 lanes and of 32.
//
//===----------------------------------------------------------------------===//

#include "KernelTesting.h"

using namespace seednorm;
using namespace seednorm::kernels;
using llvm::StringRef;

namespace {

TEST(Waves, SeeDNormOf64Lanes) {
  for (StringRef dtype : {"f32", "bf16"})
    for (int64_t width : {1, 127, 768, 4096})
      check({"norm", all, "", dtype.str(), width}, {0, 1, 37},
            /*deterministic=*/true, "gfx942");
}

TEST(Waves, SeeDNormOf32Lanes) {
  for (int64_t width : {127, 4096})
    check({"norm", all, "", "f32", width}, {5}, /*deterministic=*/true,
          "gfx1100");
}

TEST(Waves, HeadsAndSchedules) {
  for (int64_t width : {48, 768})
    check({"norm", all, "heads = 12", "f32", width}, {1, 33},
          /*deterministic=*/true, "gfx942");
  check({"norm", all, "heads = 3", "f32", 768}, {33}, /*deterministic=*/true,
        "gfx942");
  // Below a wave, one and a half, two; rows that are read again.
  for (StringRef threads : {"16", "96", "128"})
    check({"norm", all, "", "f32", 768, false,
           ("rows_per_block = 1, threads_per_row = " + threads).str()},
          {37}, /*deterministic=*/true, "gfx942");
}

} // namespace
