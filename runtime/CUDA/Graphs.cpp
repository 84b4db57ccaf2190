//===- Graphs.cpp - Recordings as CUDA graphs -----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Captures in the relaxed mode, in which memory may be allocated meanwhile:
// recordings have buffers of their own that nothing else uses.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

namespace {

class Graph : public Recording {
public:
  Graph(const GPU &gpu, Streams &streams, GraphExecHandle handle)
      : gpu(gpu), streams(streams), handle(handle) {}
  ~Graph() override {
    ContextScope scope(gpu);
    gpu.driver.graphExecDestroy(handle);
  }

  Error replay() override {
    ContextScope scope(gpu);
    Expected<Stream *> stream = streams.get();
    if (!stream)
      return stream.takeError();
    return gpu.driver.check(gpu.driver.graphLaunch(handle, (*stream)->handle),
                            "cuGraphLaunch");
  }

private:
  const GPU &gpu;
  Streams &streams;
  GraphExecHandle handle;
};

} // namespace

Expected<GraphHandle> GraphRecorder::capture(Stream &stream,
                                             function_ref<Error()> work) {
  if (Error error = gpu.driver.check(
          gpu.driver.captureBegin(stream.handle, captureRelaxed),
          "cuStreamBeginCapture"))
    return error;
  stream.recording = &buffers;
  Error failure = work();
  stream.recording = nullptr;
  GraphHandle graph = nullptr;
  Error ended = gpu.driver.check(gpu.driver.captureEnd(stream.handle, &graph),
                                 "cuStreamEndCapture");
  if (!failure && !ended)
    return graph;
  if (graph)
    gpu.driver.graphDestroy(graph);
  if (!failure)
    return ended;
  // It comes of the first.
  consumeError(std::move(ended));
  return failure;
}

Expected<std::unique_ptr<Recording>>
GraphRecorder::makeGraph(function_ref<Error()> work) {
  Expected<Stream *> stream = streams.get();
  if (!stream)
    return stream.takeError();
  // What plain runs have left in the pool is needed here once more.
  if (Error error = memory.trim(**stream))
    return error;
  Expected<GraphHandle> graph = capture(**stream, work);
  if (!graph)
    return graph.takeError();
  GraphExecHandle handle = nullptr;
  Error error = gpu.driver.check(
      gpu.driver.graphInstantiate(&handle, *graph, 0), "cuGraphInstantiate");
  gpu.driver.graphDestroy(*graph);
  if (error)
    return error;
  return std::make_unique<Graph>(gpu, streams, handle);
}

Expected<std::unique_ptr<Recording>>
GraphRecorder::record(function_ref<Error()> work) {
  ContextScope scope(gpu);
  auto recording = makeGraph(work);
  buffers.endRecording(/*failed=*/!recording);
  return recording;
}
