//===- ArchitecturesTest.cpp - Limits, occupancy and devices ----------------
//===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The expected occupancies are those of NVIDIA's cuda_occupancy.h (CUDA 13.0),
// asked for the same resources with the largest share of shared memory.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Architectures.h"
#include "../Runtime/Testing.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;
using seednorm::testing::messageOf;

namespace {

struct Example {
  const char *chip;
  CTAResources resources;
  unsigned ctas;
};

// Threads, registers, barriers, shared bytes; then CTAs of an SM.
const Example examples[] = {
    {"sm_80", {160, 160, 2, 1024}, 2},   {"sm_80", {192, 56, 0, 1024}, 6},
    {"sm_80", {256, 48, 2, 128}, 5},     {"sm_80", {64, 72, 2, 128}, 14},
    {"sm_80", {288, 16, 5, 232448}, 0},  {"sm_80", {64, 56, 1, 128}, 18},
    {"sm_80", {288, 24, 5, 5000}, 7},    {"sm_86", {1, 184, 1, 16384}, 5},
    {"sm_86", {928, 160, 1, 232448}, 0}, {"sm_86", {128, 56, 1, 5000}, 9},
    {"sm_86", {32, 208, 2, 128}, 8},     {"sm_86", {64, 224, 16, 1}, 4},
    {"sm_86", {96, 48, 0, 128}, 13},     {"sm_86", {128, 48, 2, 1}, 10},
    {"sm_89", {64, 72, 5, 1}, 14},       {"sm_89", {480, 40, 0, 1}, 3},
    {"sm_89", {32, 16, 1, 128}, 24},     {"sm_89", {448, 71, 5, 33000}, 2},
    {"sm_89", {64, 95, 5, 5000}, 10},    {"sm_89", {96, 72, 2, 128}, 9},
    {"sm_89", {128, 71, 0, 1024}, 7},    {"sm_90", {96, 111, 2, 1024}, 5},
    {"sm_90", {1, 88, 2, 128}, 20},      {"sm_90", {64, 55, 2, 128}, 18},
    {"sm_90", {96, 47, 2, 0}, 13},       {"sm_90", {288, 31, 2, 128}, 7},
    {"sm_90", {288, 40, 16, 5000}, 4},   {"sm_90", {128, 191, 16, 232448}, 1},
    {"sm_100", {64, 160, 2, 16384}, 6},  {"sm_100", {576, 47, 0, 5000}, 2},
    {"sm_100", {192, 24, 2, 1024}, 10},  {"sm_100", {416, 167, 1, 49152}, 0},
    {"sm_100", {1, 231, 0, 1}, 8},       {"sm_100", {32, 96, 0, 1024}, 20},
    {"sm_100", {64, 56, 1, 16384}, 13},  {"sm_120", {1, 215, 1, 49152}, 2},
    {"sm_120", {128, 95, 5, 0}, 4},      {"sm_120", {64, 48, 1, 1}, 20},
    {"sm_120", {64, 55, 1, 128}, 18},    {"sm_120", {64, 71, 0, 5000}, 14},
    {"sm_120", {32, 23, 0, 0}, 24},      {"sm_120", {1, 16, 2, 5000}, 12},
    {"sm_80", {64, 16, 16, 0}, 32},      {"sm_86", {64, 16, 16, 0}, 16},
    {"sm_89", {64, 16, 16, 0}, 24},      {"sm_90", {64, 16, 16, 0}, 4},
    {"sm_100", {64, 16, 16, 0}, 4},      {"sm_120", {64, 16, 16, 0}, 1},
};

TEST(OccupancyTest, AgreesWithNVIDIAsCalculator) {
  for (const Example &e : examples) {
    SEEDNORM_ASSERT_VALUE(chip, findArchitecture(e.chip));
    SEEDNORM_ASSERT_VALUE(occupancy, computeOccupancy(*chip, e.resources));
    EXPECT_EQ(occupancy.ctas, e.ctas)
        << e.chip << ": " << e.resources.threads << " threads, "
        << e.resources.registersPerThread << " registers, "
        << e.resources.barriers << " barriers, " << e.resources.sharedBytes
        << " bytes";
    unsigned warps = e.ctas * divideCeil(e.resources.threads, 32);
    EXPECT_EQ(occupancy.warps, warps);
    EXPECT_DOUBLE_EQ(occupancy.fraction, double(warps) / chip->warpsPerSM);
  }
}

std::string limitsOf(StringRef chip, CTAResources resources) {
  auto architecture = findArchitecture(chip);
  if (!architecture)
    return toString(architecture.takeError());
  auto occupancy = computeOccupancy(**architecture, resources);
  if (!occupancy)
    return toString(occupancy.takeError());
  std::string text;
  for (Limit limit : occupancy->limits)
    text += (text.empty() ? "" : ", ") + getName(limit).str();
  return text;
}

TEST(OccupancyTest, NamesEveryLimit) {
  EXPECT_EQ(limitsOf("sm_90", {256, 32, 1, 0}), "warps, registers");
  EXPECT_EQ(limitsOf("sm_90", {32, 16, 1, 0}), "CTAs");
  EXPECT_EQ(limitsOf("sm_90", {256, 255, 1, 0}), "registers");
  EXPECT_EQ(limitsOf("sm_90", {256, 32, 1, 100 << 10}), "shared memory");
  EXPECT_EQ(limitsOf("sm_90", {64, 16, 16, 0}), "barriers");
}

TEST(OccupancyTest, WhatIsTooLargeDoesNotFit) {
  const Architecture *sm90 = cantFail(findArchitecture("sm_90"));
  // One byte more than a CTA can have.
  EXPECT_EQ(cantFail(computeOccupancy(*sm90, {128, 32, 0, 227 << 10})).ctas,
            1u);
  EXPECT_EQ(
      cantFail(computeOccupancy(*sm90, {128, 32, 0, (227 << 10) + 1})).ctas,
      0u);
  EXPECT_EQ(cantFail(computeOccupancy(*sm90, {1024, 65, 0, 0})).ctas, 0u);
  EXPECT_EQ(cantFail(computeOccupancy(*sm90, {32, 256, 0, 0})).ctas, 0u);
  EXPECT_EQ(cantFail(computeOccupancy(*sm90, {32, 4000000000u, 0, 0})).ctas,
            0u);
  EXPECT_EQ(cantFail(computeOccupancy(*sm90, {32, 32, 0, ~uint64_t(0)})).ctas,
            0u);
}

TEST(OccupancyTest, ImpossibleThreadsAreAnError) {
  const Architecture *sm90 = cantFail(findArchitecture("sm_90"));
  EXPECT_EQ(messageOf(computeOccupancy(*sm90, {0, 32, 0, 0})),
            "a CTA has 0 threads, but 1 to 1024 are possible");
  EXPECT_EQ(messageOf(computeOccupancy(*sm90, {1025, 32, 0, 0})),
            "a CTA has 1025 threads, but 1 to 1024 are possible");
}

TEST(ArchitecturesTest, FoundByTheAssemblersNames) {
  EXPECT_EQ(cantFail(findArchitecture("sm_90a"))->chip, "sm_90");
  EXPECT_EQ(cantFail(findArchitecture("sm_100f"))->chip, "sm_100");
  EXPECT_EQ(cantFail(findArchitecture("sm_120"))->sharedPerCTA, 101376u);
  for (const char *name :
       {"", "sm_", "sm_9", "sm_90b", "sm_90aa", "gfx942", "a"})
    EXPECT_EQ(messageOf(findArchitecture(name)),
              "chip '" + std::string(name) +
                  "' is not known: it must be one of 'sm_80', 'sm_86', "
                  "'sm_89', 'sm_90', 'sm_100', 'sm_120'");
}

TEST(DevicesTest, FoundByName) {
  EXPECT_EQ(cantFail(findDevice("h100"))->sms, 132u);
  EXPECT_EQ(messageOf(findDevice("H100")),
            "GPU 'H100' is not known: it must be one of 'a100', 'h100', "
            "'h200', 'b200', 'rtx5090'");
}

/// The figures of a data sheet fit one another.
TEST(DevicesTest, RatesFollowFromClocks) {
  for (const Device &device : getDevices()) {
    EXPECT_TRUE(bool(findArchitecture(device.chip))) << device.name.str();
    double lanes = device.chip == "sm_80" ? 64 : 128;
    double flops = 2 * lanes * device.sms * device.clockHz;
    EXPECT_NEAR(device.flopsPerSecond / flops, 1, 0.01) << device.name.str();
    EXPECT_GT(device.latencySeconds, 100e-9);
    EXPECT_LT(device.latencySeconds, 1e-6);
  }
}

} // namespace
