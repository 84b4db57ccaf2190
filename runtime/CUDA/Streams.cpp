//===- Streams.cpp - A stream for each thread -----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread that ends leaves its stream to the next one.
//
//===----------------------------------------------------------------------===//

#include "Streams.h"
#include "llvm/ADT/STLExtras.h"
#include <atomic>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

namespace seednorm::cuda {

/// A thread's hold on a stream.
struct Lease {
  uint64_t identity;
  std::weak_ptr<Streams> owner;
  Stream *stream;
};

/// All of a thread's.
struct Leases {
  std::vector<Lease> leases;

  ~Leases() {
    for (Lease &lease : leases)
      if (std::shared_ptr<Streams> owner = lease.owner.lock()) {
        std::lock_guard<std::mutex> lock(owner->mutex);
        owner->idle.push_back(lease.stream);
      }
  }
};

} // namespace seednorm::cuda

static thread_local Leases threadLeases;

Streams::Streams(std::shared_ptr<const GPU> given) : gpu(std::move(given)) {
  static std::atomic<uint64_t> count{0};
  identity = ++count;
}

Streams::~Streams() {
  ContextScope scope(*gpu);
  for (auto &stream : all)
    gpu->driver.streamDestroy(stream->handle);
}

Expected<Stream *> Streams::get() {
  std::vector<Lease> &leases = threadLeases.leases;
  for (Lease &lease : leases)
    if (lease.identity == identity)
      return lease.stream;
  llvm::erase_if(leases, [](Lease &lease) { return lease.owner.expired(); });
  Expected<Stream *> stream = take();
  if (stream)
    leases.push_back({identity, weak_from_this(), *stream});
  return stream;
}

Expected<Stream *> Streams::take() {
  std::lock_guard<std::mutex> lock(mutex);
  if (!idle.empty()) {
    Stream *stream = idle.back();
    idle.pop_back();
    return stream;
  }
  auto stream = std::make_unique<Stream>();
  ContextScope scope(*gpu);
  if (Error error = gpu->driver.check(
          gpu->driver.streamCreate(&stream->handle, streamNonBlocking),
          "cuStreamCreate"))
    return error;
  all.push_back(std::move(stream));
  return all.back().get();
}
