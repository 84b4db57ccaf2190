//===- Driver.h - The CUDA driver's functions ----------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The driver as a table of functions, and its results as errors. It must not
// know devices or what the functions are called for.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_DRIVER_H
#define SEEDNORM_RUNTIME_CUDA_DRIVER_H

#include "DriverTypes.h"
#include "seednorm/Runtime/Error.h"

namespace seednorm::cuda {

// Symbols with a version are what cuda.h makes of the name without.
#define SEEDNORM_CUDA_FUNCTIONS(X)                                             \
  X(deviceGetCount, cuDeviceGetCount, (int *))                                 \
  X(deviceGet, cuDeviceGet, (DeviceHandle *, int))                             \
  X(deviceGetName, cuDeviceGetName, (char *, int, DeviceHandle))               \
  X(deviceGetAttribute, cuDeviceGetAttribute,                                  \
    (int *, DeviceAttribute, DeviceHandle))                                    \
  X(primaryContextRetain, cuDevicePrimaryCtxRetain,                            \
    (ContextHandle *, DeviceHandle))                                           \
  X(primaryContextRelease, cuDevicePrimaryCtxRelease_v2, (DeviceHandle))       \
  X(contextPush, cuCtxPushCurrent_v2, (ContextHandle))                         \
  X(contextPop, cuCtxPopCurrent_v2, (ContextHandle *))                         \
  X(memoryGetInfo, cuMemGetInfo_v2, (size_t *, size_t *))                      \
  X(memoryAllocate, cuMemAlloc_v2, (Address *, size_t))                        \
  X(memoryFree, cuMemFree_v2, (Address))                                       \
  X(poolCreate, cuMemPoolCreate, (PoolHandle *, const PoolProperties *))       \
  X(poolDestroy, cuMemPoolDestroy, (PoolHandle))                               \
  X(poolSetAttribute, cuMemPoolSetAttribute, (PoolHandle, int, void *))        \
  X(poolTrimTo, cuMemPoolTrimTo, (PoolHandle, size_t))                         \
  X(memoryAllocateAsync, cuMemAllocFromPoolAsync,                              \
    (Address *, size_t, PoolHandle, StreamHandle))                             \
  X(memoryFreeAsync, cuMemFreeAsync, (Address, StreamHandle))                  \
  X(memoryCopyAsync, cuMemcpyAsync, (Address, Address, size_t, StreamHandle))  \
  X(memorySet2DAsync, cuMemsetD2D8Async,                                       \
    (Address, size_t, unsigned char, size_t, size_t, StreamHandle))            \
  X(pointerGetAttribute, cuPointerGetAttribute, (void *, int, Address))        \
  X(streamCreate, cuStreamCreate, (StreamHandle *, unsigned))                  \
  X(streamDestroy, cuStreamDestroy_v2, (StreamHandle))                         \
  X(streamSynchronize, cuStreamSynchronize, (StreamHandle))                    \
  X(moduleLoad, cuModuleLoadDataEx,                                            \
    (ModuleHandle *, const void *, unsigned, JITOption *, void **))            \
  X(moduleUnload, cuModuleUnload, (ModuleHandle))                              \
  X(moduleGetFunction, cuModuleGetFunction,                                    \
    (FunctionHandle *, ModuleHandle, const char *))                            \
  X(functionGetAttribute, cuFuncGetAttribute,                                  \
    (int *, FunctionAttribute, FunctionHandle))                                \
  X(functionSetAttribute, cuFuncSetAttribute,                                  \
    (FunctionHandle, FunctionAttribute, int))                                  \
  X(launch, cuLaunchKernelEx,                                                  \
    (const LaunchConfig *, FunctionHandle, void **, void **))                  \
  X(captureBegin, cuStreamBeginCapture_v2, (StreamHandle, int))                \
  X(captureEnd, cuStreamEndCapture, (StreamHandle, GraphHandle *))             \
  X(graphInstantiate, cuGraphInstantiateWithFlags,                             \
    (GraphExecHandle *, GraphHandle, unsigned long long))                      \
  X(graphLaunch, cuGraphLaunch, (GraphExecHandle, StreamHandle))               \
  X(graphExecDestroy, cuGraphExecDestroy, (GraphExecHandle))                   \
  X(graphDestroy, cuGraphDestroy, (GraphHandle))

struct Driver {
  /// Loads and initialises the driver; an error of one line if there is none,
  /// or none that is new enough.
  static llvm::Expected<Driver> load();

  /// An error that says which function failed and why, unless it did not.
  llvm::Error check(Result result, const llvm::Twine &function) const;
  /// "CUDA_ERROR_… (what that is)"
  std::string describe(Result result) const;

  /// 12040 for CUDA 12.4.
  int version = 0;
  Result (*initialize)(unsigned) = nullptr;
  Result (*getVersion)(int *) = nullptr;
  Result (*getErrorName)(Result, const char **) = nullptr;
  Result (*getErrorString)(Result, const char **) = nullptr;
#define X(member, symbol, arguments) Result(*member) arguments = nullptr;
  SEEDNORM_CUDA_FUNCTIONS(X)
#undef X
};

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_DRIVER_H
