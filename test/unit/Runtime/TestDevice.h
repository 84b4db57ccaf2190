//===- TestDevice.h - A device in host memory ----------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The simplest thing that a module for a device runs on: it does everything at
// once, counts what it holds, and fails when told to. It must not know modules.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_TESTDEVICE_H
#define SEEDNORM_TEST_UNIT_RUNTIME_TESTDEVICE_H

#include "FakeKernels.h"
#include "seednorm/Runtime/Device.h"
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace seednorm::testing {

class TestDevice : public Device {
public:
  TestDevice() {
    interface = {
        this,
        forward<&TestDevice::allocate, uint64_t, void **>,
        forward<&TestDevice::release, void *>,
        forward<&TestDevice::copy, void *, const void *, uint64_t>,
        forward<&TestDevice::launch, const struct seednorm_rt_launch *>,
        forward<&TestDevice::multiply, const seednorm_rt_gemm_arguments *>,
        forward<&TestDevice::synchronize>,
        [](void *context, const void *binary) {
          static_cast<TestDevice *>(context)->unloaded.push_back(binary);
        }};
  }
  ~TestDevice() override {
    for (auto &[pointer, bytes] : blocks)
      std::free(pointer);
  }

  std::string getName() const override { return "test:0"; }
  std::string getDescription() const override { return "host memory"; }
  DeviceSpec getSpec() const override {
    return {DeviceKind::NVVM, "sm_80", "isa"};
  }
  llvm::Error checkRuns(const DeviceSpec &spec) const override {
    if (spec.chip == "sm_80")
      return llvm::Error::success();
    return makeError("test:0 runs no " + spec.chip);
  }
  const seednorm_rt_device &getInterface() const override { return interface; }

  std::map<void *, uint64_t> blocks;
  std::vector<std::string> log;
  std::vector<const void *> unloaded;
  std::vector<uint32_t> lastGrid;
  /// The call whose log line begins like this fails; empty: none.
  std::string failAt;
  uint64_t limit = uint64_t(1) << 30;

private:
  template <auto Function, typename... Types>
  static int32_t forward(void *context, Types... values, char *message,
                         uint64_t capacity) {
    std::string why =
        (static_cast<TestDevice *>(context)->*Function)(values...);
    std::snprintf(message, capacity, "%s", why.c_str());
    return !why.empty();
  }

  std::string note(const std::string &line) {
    log.push_back(line);
    return !failAt.empty() && line.rfind(failAt, 0) == 0 ? "told to fail" : "";
  }

  std::string allocate(uint64_t bytes, void **pointer) {
    std::string why = note("allocate " + std::to_string(bytes));
    if (!why.empty() || bytes > limit)
      return why.empty() ? "out of memory" : why;
    *pointer = std::aligned_alloc(256, (bytes + 256) & -uint64_t(256));
    blocks[*pointer] = bytes;
    return "";
  }
  std::string release(void *pointer) {
    std::string why = note("release");
    if (!blocks.erase(pointer))
      std::abort(); // Freed twice: no test may go on.
    std::free(pointer);
    return why;
  }
  std::string copy(void *to, const void *from, uint64_t bytes) {
    std::memcpy(to, from, bytes);
    return note("copy " + std::to_string(bytes));
  }
  std::string launch(const struct seednorm_rt_launch *launch) {
    std::string why = note(std::string("launch ") + launch->kernel);
    lastGrid.assign(launch->grid, launch->grid + 3);
    const FakeKernel *kernel = findFakeKernel(launch->kernel);
    if (!why.empty() || !kernel)
      return why.empty() ? "not found" : why;
    kernel->run(launch->arguments);
    return "";
  }
  std::string multiply(const seednorm_rt_gemm_arguments *arguments) {
    // On the host, whose memory it is.
    const seednorm_rt_device *device = seednorm_rt_set_device(nullptr);
    const seednorm_rt_gemm_arguments &g = *arguments;
    seednorm_rt_gemm(g.dtype, g.batch, g.m, g.n, g.k, g.a, g.a_batch_stride,
                     g.a_row_stride, g.a_col_stride, g.b, g.b_batch_stride,
                     g.b_row_stride, g.b_col_stride, g.c, g.c_batch_stride,
                     g.c_row_stride, g.c_col_stride, g.accumulate);
    seednorm_rt_set_device(device);
    return note("gemm");
  }
  std::string synchronize() { return note("synchronize"); }

  seednorm_rt_device interface;
};

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_TESTDEVICE_H
