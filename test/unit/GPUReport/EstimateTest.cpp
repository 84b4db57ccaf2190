//===- EstimateTest.cpp - How long a kernel should take ---------------------
//===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Figures that can be checked by hand, and which of the bounds is the longest.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Estimate.h"
#include "../Runtime/Testing.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;
using seednorm::testing::messageOf;

namespace {

/// Of 256 threads that load 64 bytes and store 64 in 100 instructions.
PTXKernel makeKernel() {
  PTXKernel kernel;
  kernel.name = "k";
  kernel.threads = 256;
  kernel.bytesInFlight = 64;
  kernel.instructions = {100, 0};
  kernel.accesses = {{Space::Global, AccessKind::Load, 128, "", {4, 0}},
                     {Space::Global, AccessKind::Store, 128, "", {4, 0}}};
  return kernel;
}

Occupancy makeOccupancy(unsigned ctas) {
  Occupancy occupancy;
  occupancy.ctas = ctas;
  occupancy.warps = ctas * 8;
  return occupancy;
}

TEST(EstimateTest, MemoryBound) {
  const Device *h100 = cantFail(findDevice("h100"));
  SEEDNORM_ASSERT_VALUE(result, estimate(*h100, makeKernel(), makeOccupancy(8),
                                         32, 256, {3350000000u, 0}));
  // A millisecond at the data sheet's bandwidth.
  EXPECT_NEAR(result.memorySeconds, 1e-3 / 0.92, 1e-9);
  EXPECT_EQ(result.bound, Bound::Memory);
  EXPECT_NEAR(result.seconds, 2e-6 + 1e-3 / 0.92, 1e-9);
  EXPECT_NEAR(result.fractionOfPeak, 1e-3 / result.seconds, 1e-9);
  // 132 SMs with 8 * 256 threads and 64 bytes each, every 273 ns * 1.5.
  EXPECT_NEAR(result.latencySeconds, 3.35e9 * 409.5e-9 / (132.0 * 2048 * 64),
              1e-9);
  // 100 instructions for 128 bytes.
  EXPECT_NEAR(result.issueSeconds, 3.35e9 / 128 * 100 / 32 / (132 * 4 * 1.98e9),
              1e-9);
}

TEST(EstimateTest, LatencyBound) {
  const Device *h100 = cantFail(findDevice("h100"));
  PTXKernel kernel = makeKernel();
  kernel.bytesInFlight = 4;
  SEEDNORM_ASSERT_VALUE(result, estimate(*h100, kernel, makeOccupancy(1), 32,
                                         256, {3350000000u, 0}));
  EXPECT_EQ(result.bound, Bound::Latency);
  // More than the registers can hold is not in flight.
  kernel.bytesInFlight = 1 << 20;
  SEEDNORM_ASSERT_VALUE(capped, estimate(*h100, kernel, makeOccupancy(1), 32,
                                         256, {3350000000u, 0}));
  EXPECT_NEAR(capped.latencySeconds, result.latencySeconds * 4 / 128, 1e-9);
  // Nothing can be said of a kernel without loads.
  kernel.bytesInFlight = 0;
  SEEDNORM_ASSERT_VALUE(unknown, estimate(*h100, kernel, makeOccupancy(1), 32,
                                          256, {3350000000u, 0}));
  EXPECT_EQ(unknown.latencySeconds, 0);
  EXPECT_EQ(unknown.bound, Bound::Memory);
}

TEST(EstimateTest, IssueBound) {
  const Device *h100 = cantFail(findDevice("h100"));
  PTXKernel kernel = makeKernel();
  // Only what loops repeat counts if that is where memory is accessed.
  kernel.instructions = {5000, 4000};
  kernel.accesses[0].count.inLoops = 4;
  kernel.accesses[1].count.inLoops = 4;
  SEEDNORM_ASSERT_VALUE(result, estimate(*h100, kernel, makeOccupancy(8), 32,
                                         256, {3350000000u, 0}));
  EXPECT_EQ(result.bound, Bound::Issue);
  EXPECT_NEAR(result.issueSeconds,
              3.35e9 / 128 * 4000 / 32 / (132 * 4 * 1.98e9), 1e-9);
  SEEDNORM_ASSERT_VALUE(cached, estimate(*h100, kernel, makeOccupancy(8), 32,
                                         256, {3350000000u, 6700000000u}));
  EXPECT_NEAR(cached.issueSeconds, 2 * result.issueSeconds, 1e-9);
}

TEST(EstimateTest, NothingFits) {
  EXPECT_EQ(messageOf(estimate(*cantFail(findDevice("rtx5090")), makeKernel(),
                               makeOccupancy(0), 32, 256, {1, 0})),
            "kernel 'k' does not fit an SM of GeForce RTX 5090");
}

TEST(EstimateTest, NothingToDoIsALaunch) {
  SEEDNORM_ASSERT_VALUE(result,
                        estimate(*cantFail(findDevice("a100")), makeKernel(),
                                 makeOccupancy(1), 32, 256, {0, 0}));
  EXPECT_NEAR(result.seconds, 2e-6, 1e-12);
  EXPECT_EQ(result.fractionOfPeak, 0);
}

} // namespace
