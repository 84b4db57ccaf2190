//===- Graphs.h - Recordings as CUDA graphs ------------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A run of compiled code, captured from the thread's stream, as one launch. It
// must not know what is captured.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_GRAPHS_H
#define SEEDNORM_RUNTIME_CUDA_GRAPHS_H

#include "Memory.h"
#include "seednorm/Runtime/Device.h"

namespace seednorm::cuda {

class GraphRecorder : public Recorder {
public:
  GraphRecorder(const GPU &gpu, Streams &streams, Memory &memory)
      : gpu(gpu), streams(streams), memory(memory), buffers(gpu, memory) {}

  llvm::Expected<std::unique_ptr<Recording>>
  record(llvm::function_ref<llvm::Error()> work) override;
  bool holdsMemory() const override { return !buffers.isEmpty(); }

private:
  llvm::Expected<std::unique_ptr<Recording>>
  makeGraph(llvm::function_ref<llvm::Error()> work);
  llvm::Expected<GraphHandle> capture(Stream &stream,
                                      llvm::function_ref<llvm::Error()> work);

  const GPU &gpu;
  Streams &streams;
  Memory &memory;
  RecordingMemory buffers;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_GRAPHS_H
