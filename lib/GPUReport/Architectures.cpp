//===- Architectures.cpp - What NVIDIA publishes of its GPUs -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables, each figure with its source, and the search in them. A GPU that is
// added is a line here.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/Architectures.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

// Warps, CTAs and shared memory: CUDA C++ Programming Guide 13.0, "Technical
// Specifications per Compute Capability". Barriers, and the units that all have
// in common: cuda_occupancy.h of CUDA 13.0, which counts named barriers from
// Hopper on, twice or once as many as CTAs. From compute capability 8.0 on a
// CTA takes a reserved KiB of shared memory ("NVIDIA Ampere GPU Architecture
// Tuning Guide", section 1.4.2.2).
static constexpr Architecture architectures[] = {
    // chip, warps, CTAs, barriers, shared memory of an SM and of a CTA
    {"sm_80", 64, 32, 0, 164 << 10, 163 << 10},
    {"sm_86", 48, 16, 0, 100 << 10, 99 << 10},
    {"sm_89", 48, 24, 0, 100 << 10, 99 << 10},
    {"sm_90", 64, 32, 64, 228 << 10, 227 << 10},
    {"sm_100", 64, 32, 64, 228 << 10, 227 << 10},
    {"sm_120", 48, 24, 24, 100 << 10, 99 << 10},
};

// Clocks are the highest boost clocks, at which the rate of f32 (two for each
// multiply-add, 128 lanes an SM; 64 on sm_80) is stated.
//
// a100: "NVIDIA A100 Tensor Core GPU" data sheet (2,039 GB/s, 19.5 TFLOPS; 80GB
//   SXM); "NVIDIA A100 Tensor Core GPU Architecture" white paper, table 4 (108
//   SMs, 1410 MHz, 40 MB of L2).
// h100: "NVIDIA H100 Tensor Core GPU" data sheet, SXM (3.35 TB/s, 67 TFLOPS);
//   "NVIDIA H100 Tensor Core GPU Architecture" white paper (132 SMs, 50 MB of
//   L2). 1980 MHz is what gives the 67 TFLOPS.
// h200: "NVIDIA H200 Tensor Core GPU" data sheet, SXM (4.8 TB/s, 67 TFLOPS);
//   the chip is the H100's.
// b200: "NVIDIA HGX B200" data sheet, an eighth of its eight GPUs (8 TB/s, 75
//   TFLOPS); SMs and L2: Chips and Cheese, "Nvidia's B200" (148, 126 MB); 1980
//   MHz is what gives the 75 TFLOPS.
// rtx5090: "NVIDIA RTX Blackwell GPU Architecture" white paper, appendix A (170
//   SMs, 2407 MHz, 1792 GB/s, 98304 KB of L2, 104.8 TFLOPS).
//
// Latencies: Luo et al., "Benchmarking and Dissecting the Nvidia Hopper GPU
// Architecture" (arXiv 2402.13499), table of memory latencies: 466 cycles for
// the A100 (at 1410 MHz), 479 for the H100 PCIe (at 1755 MHz). No such figure
// is published for the others that we know of: H200 and B200 have the H100's
// nanoseconds, and the RTX 5090 the 542 cycles of the RTX 4090 (at 2520 MHz) in
// the same table.
static constexpr Device devices[] = {
    // name, title, chip, SMs, clock, bytes/s, L2, FLOPS, latency
    {"a100", "A100 80GB SXM", "sm_80", 108, 1.410e9, 2.039e12, 40e6, 19.5e12,
     331e-9},
    {"h100", "H100 SXM5", "sm_90", 132, 1.980e9, 3.35e12, 50e6, 67e12, 273e-9},
    {"h200", "H200 SXM", "sm_90", 132, 1.980e9, 4.8e12, 50e6, 67e12, 273e-9},
    {"b200", "B200 SXM", "sm_100", 148, 1.980e9, 8e12, 126e6, 75e12, 273e-9},
    {"rtx5090", "GeForce RTX 5090", "sm_120", 170, 2.407e9, 1.792e12,
     98304.0 * 1024, 104.8e12, 215e-9},
};

ArrayRef<Architecture> gpureport::getArchitectures() { return architectures; }
ArrayRef<Device> gpureport::getDevices() { return devices; }

/// The names of a table for a message: "'a', 'b'".
template <typename Range, typename Member>
static std::string listNames(const Range &range, Member member) {
  std::string names;
  for (const auto &element : range)
    names += (names.empty() ? "" : ", ") + quote(element.*member);
  return names;
}

Expected<const Architecture *> gpureport::findArchitecture(StringRef chip) {
  StringRef base = chip;
  if (!base.consume_back("a"))
    base.consume_back("f");
  const Architecture *found = llvm::find_if(
      architectures, [&](const Architecture &a) { return a.chip == base; });
  if (found == std::end(architectures))
    return makeError("chip " + quote(chip) +
                     " is not known: it must be one of " +
                     listNames(architectures, &Architecture::chip));
  return found;
}

Expected<const Device *> gpureport::findDevice(StringRef name) {
  const Device *found =
      llvm::find_if(devices, [&](const Device &d) { return d.name == name; });
  if (found == std::end(devices))
    return makeError("GPU " + quote(name) +
                     " is not known: it must be one of " +
                     listNames(devices, &Device::name));
  return found;
}
