//===- DriverTypes.h - The CUDA driver's types ---------------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What we use of the driver's binary interface, declared by ourselves. It must
// not know what any of it is for.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_CUDA_DRIVERTYPES_H
#define SEEDNORM_RUNTIME_CUDA_DRIVERTYPES_H

#include <cstddef>
#include <cstdint>

namespace seednorm::cuda {

/// CUresult
enum Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NoDevice = 100,
  NoBinaryForGPU = 209,
  ECCUncorrectable = 214,
  NVLinkUncorrectable = 220,
  NotFound = 500,
  IllegalAddress = 700,
  LaunchTimeout = 702,
  Assert = 710,
  HardwareStackError = 714,
  LaunchFailed = 719,
  SystemNotReady = 802,
};

using DeviceHandle = int;
/// CUdeviceptr
using Address = unsigned long long;
using ContextHandle = struct ContextObject *;
using StreamHandle = struct StreamObject *;
using ModuleHandle = struct ModuleObject *;
using FunctionHandle = struct FunctionObject *;
using PoolHandle = struct PoolObject *;
using GraphHandle = struct GraphObject *;
using GraphExecHandle = struct GraphExecObject *;

/// CUdevice_attribute
enum DeviceAttribute : int {
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  MemoryPoolsSupported = 115,
  ClusterLaunch = 120,
};

/// CUfunction_attribute
enum FunctionAttribute : int {
  StaticSharedBytes = 1,
  MaxDynamicSharedBytes = 8,
  NonPortableClusterSizeAllowed = 14,
};

/// CUjit_option
enum JITOption : int {
  InfoLogBuffer = 3,
  InfoLogBufferBytes = 4,
  ErrorLogBuffer = 5,
  ErrorLogBufferBytes = 6,
};

/// CUlaunchAttributeID
enum LaunchAttributeKind : int {
  ClusterDimension = 4,
  ProgrammaticStreamSerialization = 6,
};

/// CUlaunchAttribute
struct LaunchAttribute {
  LaunchAttributeKind kind;
  char padding[4];
  union {
    char size[64];
    struct {
      unsigned x, y, z;
    } clusterDimension;
    int programmaticStreamSerialization;
  };
};

/// CUlaunchConfig
struct LaunchConfig {
  unsigned grid[3], block[3];
  unsigned sharedBytes;
  StreamHandle stream;
  LaunchAttribute *attributes;
  unsigned numAttributes;
};

/// CUmemPoolProps
struct PoolProperties {
  int allocationType;
  int handleTypes;
  int locationType;
  int location;
  void *securityAttributes;
  size_t maxBytes;
  unsigned char reserved[56];
};

constexpr int pinnedAllocation = 1, locationDevice = 1;
/// CUmemPool_attribute
constexpr int poolReleaseThreshold = 4;
/// CUpointer_attribute and CUmemorytype
constexpr int pointerMemoryType = 2, memoryTypeDevice = 2;
/// CUstream_flags
constexpr unsigned streamNonBlocking = 1;
/// CUstreamCaptureMode
constexpr int captureRelaxed = 2;

} // namespace seednorm::cuda

#endif // SEEDNORM_RUNTIME_CUDA_DRIVERTYPES_H
