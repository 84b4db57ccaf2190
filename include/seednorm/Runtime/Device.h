//===- Device.h - What runs compiled modules beside the host -- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A GPU, or something that acts as one: what the runtime needs to know of it
// beside the functions that compiled code calls (RuntimeABI.h). It must not
// know any kind of device, nor modules.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_DEVICE_H
#define SEEDNORM_RUNTIME_DEVICE_H

#include "seednorm/Runtime/DeviceSpec.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>

namespace seednorm {

/// Work that has been recorded once and can be done again at once.
class Recording {
public:
  virtual ~Recording();
  /// Asks for the work, like the functions of seednorm_rt_device.
  virtual llvm::Error replay() = 0;
};

/// Makes recordings that share memory: none may be replayed, nor made, before
/// the results of the one before have been read.
class Recorder {
public:
  virtual ~Recorder();
  /// Calls `work` on this thread, whose launches and products are kept instead
  /// of done. What it allocates, released or not, is the recorder's, at
  /// addresses that stay. An error if `work` did what cannot be recorded:
  /// nothing has happened then, no memory is kept for it, and `work` can be run
  /// plainly.
  virtual llvm::Expected<std::unique_ptr<Recording>>
  record(llvm::function_ref<llvm::Error()> work) = 0;
  /// Whether the device has more free memory without the recorder, which keeps
  /// what it has when recordings go.
  virtual bool holdsMemory() const = 0;
};

/// Safe to use from many threads at once.
class Device {
public:
  virtual ~Device();
  /// For messages: "cuda:0".
  virtual std::string getName() const = 0;
  /// For people: "NVIDIA H100 80GB HBM3 (sm_90)".
  virtual std::string getDescription() const = 0;
  /// What to compile for it where nobody asks for something else.
  virtual DeviceSpec getSpec() const = 0;
  /// An error if it does not run kernels that were compiled for `spec`.
  virtual llvm::Error checkRuns(const DeviceSpec &spec) const = 0;
  /// Valid as long as the device.
  virtual const seednorm_rt_device &getInterface() const = 0;
  /// Null where work is not recorded. It must go before the device.
  virtual std::unique_ptr<Recorder> createRecorder();
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_DEVICE_H
