//===- Device.h - Compiled code's memory on a device ------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the functions of compiled code do where the thread has a device. It must
// not know what kind of device that is.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_RT_DEVICE_H
#define SEEDNORM_RUNTIME_RT_DEVICE_H

#include "seednorm/Runtime/RuntimeABI.h"
#include <unordered_map>

namespace seednorm::rt {

/// The blocks of device memory that an invocation has allocated and not freed
/// yet, each with its device: nothing of ours can stand in front of them.
struct DeviceBlocks {
  std::unordered_map<void *, const seednorm_rt_device *> blocks;
  /// Those of the invocation around this one.
  DeviceBlocks *outer = nullptr;

  /// Gives every block back, whatever the device says to that.
  void release();
};

/// The device of this thread, or null.
const seednorm_rt_device *getDevice();

// These leave the invocation where the device fails.
void *allocateOnDevice(const seednorm_rt_device &device, uint64_t alignment,
                       uint64_t bytes);
void freeOnDevice(const seednorm_rt_device &device, void *pointer);
void multiplyOnDevice(const seednorm_rt_device &device,
                      const seednorm_rt_gemm_arguments &arguments);

} // namespace seednorm::rt

#endif // SEEDNORM_RUNTIME_RT_DEVICE_H
