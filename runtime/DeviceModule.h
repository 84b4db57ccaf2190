//===- DeviceModule.h - A compiled module on a device --------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a module has on its device: parameters, recordings of its entries, and
// the way from host tensors to host tensors. It must not know which kind of
// device that is, nor how code is loaded.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_DEVICEMODULE_H
#define SEEDNORM_RUNTIME_DEVICEMODULE_H

#include "CallFrame.h"
#include "DeviceBuffer.h"
#include "seednorm/Runtime/Device.h"
#include <map>
#include <mutex>

namespace seednorm {

/// Running is safe from many threads at once; binding is not safe while
/// something runs.
class DeviceModule {
public:
  explicit DeviceModule(std::shared_ptr<Device> device);
  /// Before the module's code goes.
  ~DeviceModule();

  const Device &getDevice() const { return *device; }

  /// Copies the parameters to the device. On an error nothing changes.
  llvm::Error bind(const std::map<std::string, Tensor> &values);

  /// Calls an entry with all its arguments in order, on the host; those for
  /// bound parameters are not looked at.
  llvm::Expected<llvm::SmallVector<Tensor>>
  run(const EntrySpec &entry, EntryFunction function,
      llvm::ArrayRef<Tensor> arguments);

private:
  /// One entry with inputs of certain shapes.
  struct Shape {
    enum State { Seen, Recorded, Refused };
    State state = Seen;
    uint64_t lastUse = 0;
    std::unique_ptr<CallFrame> frame;
    std::vector<void *> inputs;
    std::unique_ptr<Recording> recording;
  };
  using Key = std::pair<std::string, std::vector<int64_t>>;

  llvm::Expected<llvm::SmallVector<Tensor>>
  runPlainly(const EntrySpec &entry, EntryFunction function,
             llvm::ArrayRef<Tensor> arguments);
  /// The results by a recording; nullopt where the entry must run plainly.
  std::optional<llvm::Expected<llvm::SmallVector<Tensor>>>
  tryReplay(const EntrySpec &entry, EntryFunction function,
            llvm::ArrayRef<Tensor> arguments);
  void record(Shape &shape, const EntrySpec &entry, EntryFunction function,
              llvm::ArrayRef<Tensor> arguments);
  void limitShapes();
  llvm::Expected<llvm::SmallVector<Tensor>>
  fetchResults(const EntrySpec &entry, const CallFrame &frame);
  bool dropRecordings();

  std::shared_ptr<Device> device;
  /// This module's own copy: what the device holds of it goes with it.
  seednorm_rt_device interface;
  std::map<std::string, DeviceBuffer> parameters;

  /// Recordings share memory, so that one of them runs at a time.
  std::mutex recordingMutex;
  std::unique_ptr<Recorder> recorder;
  std::map<Key, Shape> shapes;
  uint64_t clock = 0;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_DEVICEMODULE_H
