//===- DeviceBuffer.cpp - Memory of a device as a value -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns what a device says into errors.
//
//===----------------------------------------------------------------------===//

#include "DeviceBuffer.h"

using namespace llvm;
using namespace seednorm;

/// A compiler's log may be in it.
static constexpr size_t messageBytes = 2048;

Expected<DeviceBuffer> DeviceBuffer::allocate(const seednorm_rt_device &device,
                                              uint64_t bytes) {
  void *data = nullptr;
  char message[messageBytes] = "";
  if (device.allocate(device.context, bytes, &data, message, sizeof(message)))
    return makeError(message);
  return DeviceBuffer(device, data);
}

DeviceBuffer::~DeviceBuffer() {
  // Nobody is there to be told.
  char message[messageBytes];
  if (data)
    device->release(device->context, data, message, sizeof(message));
}

Error seednorm::copyOnDevice(const seednorm_rt_device &device, void *to,
                             const void *from, uint64_t bytes) {
  char message[messageBytes] = "";
  if (bytes &&
      device.copy(device.context, to, from, bytes, message, sizeof(message)))
    return makeError(message);
  return Error::success();
}

Error seednorm::synchronizeDevice(const seednorm_rt_device &device) {
  char message[messageBytes] = "";
  if (device.synchronize(device.context, message, sizeof(message)))
    return makeError(message);
  return Error::success();
}
