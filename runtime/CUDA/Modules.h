//===- Modules.h - Kernels that a GPU has loaded -------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Binaries of compiled modules, each loaded once however many threads launch
// from it. It must not know how kernels are launched.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_MODULES_H
#define SEEDNORM_RUNTIME_CUDA_MODULES_H

#include "GPU.h"
#include "llvm/ADT/StringMap.h"
#include <map>
#include <mutex>

namespace seednorm::cuda {

/// The functions want the GPU's context to be current.
class Modules {
public:
  explicit Modules(const GPU &gpu) : gpu(gpu) {}
  ~Modules();

  /// The kernel of the binary, made ready for so much dynamic shared memory and
  /// so many CTAs in a cluster.
  llvm::Expected<FunctionHandle> getFunction(const void *binary, uint64_t bytes,
                                             const char *name,
                                             uint32_t sharedBytes,
                                             uint32_t clusterSize);
  void unload(const void *binary);

private:
  struct Function {
    FunctionHandle handle = nullptr;
    /// What has been asked of the driver so far.
    uint32_t sharedBytes, clusterSize;
  };
  struct LoadedModule {
    ModuleHandle handle = nullptr;
    llvm::StringMap<Function> functions;
  };
  using Key = std::pair<const void *, uint64_t>;

  llvm::Expected<ModuleHandle> load(llvm::StringRef binary);
  llvm::Expected<Function *> find(Key key, llvm::StringRef name);
  llvm::Error prepare(Function &function, uint32_t sharedBytes,
                      uint32_t clusterSize);

  const GPU &gpu;
  std::mutex mutex;
  std::map<Key, LoadedModule> modules;
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_MODULES_H
