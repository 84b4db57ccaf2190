//===- DeviceBuffer.h - Memory of a device as a value --------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of a device with errors as llvm::Error, and memory that goes
// back by itself. It must not know tensors.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_DEVICEBUFFER_H
#define SEEDNORM_RUNTIME_DEVICEBUFFER_H

#include "seednorm/Runtime/Error.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include <utility>

namespace seednorm {

class DeviceBuffer {
public:
  static llvm::Expected<DeviceBuffer> allocate(const seednorm_rt_device &device,
                                               uint64_t bytes);
  /// Takes over memory that is not ours yet.
  DeviceBuffer(const seednorm_rt_device &device, void *data)
      : device(&device), data(data) {}
  DeviceBuffer(DeviceBuffer &&other)
      : device(other.device), data(std::exchange(other.data, nullptr)) {}
  DeviceBuffer &operator=(DeviceBuffer &&other) {
    std::swap(device, other.device);
    std::swap(data, other.data);
    return *this;
  }
  ~DeviceBuffer();

  void *getData() const { return data; }
  /// Leaves it to the caller.
  void *take() { return std::exchange(data, nullptr); }

private:
  const seednorm_rt_device *device;
  void *data;
};

llvm::Error copyOnDevice(const seednorm_rt_device &device, void *to,
                         const void *from, uint64_t bytes);
llvm::Error synchronizeDevice(const seednorm_rt_device &device);

/// While it lives, compiled code on this thread uses the device.
class DeviceScope {
public:
  explicit DeviceScope(const seednorm_rt_device &device)
      : before(seednorm_rt_set_device(&device)) {}
  ~DeviceScope() { seednorm_rt_set_device(before); }
  DeviceScope(const DeviceScope &) = delete;
  DeviceScope &operator=(const DeviceScope &) = delete;

private:
  const seednorm_rt_device *before;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_DEVICEBUFFER_H
