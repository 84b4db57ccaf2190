//===- Streams.h - A stream for each thread ------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work of one thread is done in order, and beside that of others. It must not
// know what the work is.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_STREAMS_H
#define SEEDNORM_RUNTIME_CUDA_STREAMS_H

#include "GPU.h"
#include <mutex>
#include <vector>

namespace seednorm::cuda {

class RecordingMemory;

struct Stream {
  StreamHandle handle = nullptr;
  /// Where buffers come from while work is recorded instead of done.
  RecordingMemory *recording = nullptr;
};

/// The streams of a GPU, which threads take for as long as they live.
class Streams : public std::enable_shared_from_this<Streams> {
public:
  explicit Streams(std::shared_ptr<const GPU> gpu);
  ~Streams();

  /// This thread's.
  llvm::Expected<Stream *> get();

private:
  friend struct Leases;
  llvm::Expected<Stream *> take();

  /// A thread that ends may be the last to hold the streams.
  std::shared_ptr<const GPU> gpu;
  /// No other object had it or will.
  uint64_t identity;
  std::mutex mutex;
  std::vector<std::unique_ptr<Stream>> all;
  std::vector<Stream *> idle;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_STREAMS_H
