//===- CUDATypesTest.cpp - Our declarations against NVIDIA's --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Built only where cuda.h is installed: what we declare by ourselves must be
// what NVIDIA's headers say, cuBLASLt's too where it is there.
//
//===----------------------------------------------------------------------===//

#include "../../../runtime/CUDA/CublasLt.h"
#include "../../../runtime/CUDA/Driver.h"
#include "gtest/gtest.h"
#include <cuda.h>
#include <type_traits>
#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#define HAS_CUBLASLT
#endif

using namespace seednorm;

namespace {

/// Whether both functions take and return values of the same sizes.
template <typename Ours, typename Theirs>
struct IsSame;
template <typename R, typename... A, typename S, typename... B>
struct IsSame<R (*)(A...), S (*)(B...)> {
  static constexpr bool check() {
    if constexpr (sizeof...(A) == sizeof...(B))
      return sizeof(R) == sizeof(S) &&
             ((sizeof(A) == sizeof(B) &&
               std::is_pointer_v<A> == std::is_pointer_v<B>) &&
              ...);
    return false;
  }
};

#define X(member, symbol, arguments)                                           \
  static_assert(                                                               \
      IsSame<decltype(cuda::Driver::member), decltype(&symbol)>::check(),      \
      #symbol);
SEEDNORM_CUDA_FUNCTIONS(X)
#undef X

static_assert(sizeof(cuda::LaunchConfig) == sizeof(CUlaunchConfig));
static_assert(offsetof(cuda::LaunchConfig, sharedBytes) ==
              offsetof(CUlaunchConfig, sharedMemBytes));
static_assert(offsetof(cuda::LaunchConfig, stream) ==
              offsetof(CUlaunchConfig, hStream));
static_assert(offsetof(cuda::LaunchConfig, attributes) ==
              offsetof(CUlaunchConfig, attrs));
static_assert(offsetof(cuda::LaunchConfig, numAttributes) ==
              offsetof(CUlaunchConfig, numAttrs));
static_assert(sizeof(cuda::LaunchAttribute) == sizeof(CUlaunchAttribute));
static_assert(offsetof(cuda::LaunchAttribute, clusterDimension) ==
              offsetof(CUlaunchAttribute, value));
static_assert(sizeof(cuda::PoolProperties) == sizeof(CUmemPoolProps));
static_assert(offsetof(cuda::PoolProperties, location) ==
              offsetof(CUmemPoolProps, location) + offsetof(CUmemLocation, id));
static_assert(offsetof(cuda::PoolProperties, securityAttributes) ==
              offsetof(CUmemPoolProps, win32SecurityAttributes));

#define SAME(ours, theirs)                                                     \
  static_assert(int(cuda::ours) == int(theirs), #theirs)
SAME(InvalidValue, CUDA_ERROR_INVALID_VALUE);
SAME(OutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
SAME(NoDevice, CUDA_ERROR_NO_DEVICE);
SAME(NoBinaryForGPU, CUDA_ERROR_NO_BINARY_FOR_GPU);
SAME(ECCUncorrectable, CUDA_ERROR_ECC_UNCORRECTABLE);
SAME(NVLinkUncorrectable, CUDA_ERROR_NVLINK_UNCORRECTABLE);
SAME(NotFound, CUDA_ERROR_NOT_FOUND);
SAME(IllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
SAME(LaunchTimeout, CUDA_ERROR_LAUNCH_TIMEOUT);
SAME(Assert, CUDA_ERROR_ASSERT);
SAME(HardwareStackError, CUDA_ERROR_HARDWARE_STACK_ERROR);
SAME(LaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
SAME(ComputeCapabilityMajor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME(ComputeCapabilityMinor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME(MemoryPoolsSupported, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED);
SAME(ClusterLaunch, CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH);
SAME(StaticSharedBytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES);
SAME(MaxDynamicSharedBytes, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME(NonPortableClusterSizeAllowed,
     CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
SAME(ErrorLogBuffer, CU_JIT_ERROR_LOG_BUFFER);
SAME(ErrorLogBufferBytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME(ClusterDimension, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
SAME(ProgrammaticStreamSerialization,
     CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);
SAME(pinnedAllocation, CU_MEM_ALLOCATION_TYPE_PINNED);
SAME(locationDevice, CU_MEM_LOCATION_TYPE_DEVICE);
SAME(poolReleaseThreshold, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
SAME(pointerMemoryType, CU_POINTER_ATTRIBUTE_MEMORY_TYPE);
SAME(memoryTypeDevice, CU_MEMORYTYPE_DEVICE);
SAME(streamNonBlocking, CU_STREAM_NON_BLOCKING);
SAME(captureRelaxed, CU_STREAM_CAPTURE_MODE_RELAXED);

#ifdef HAS_CUBLASLT
#define X(member, symbol, arguments)                                           \
  static_assert(                                                               \
      IsSame<decltype(cuda::CublasLt::member), decltype(&symbol)>::check(),    \
      #symbol);
SEEDNORM_CUBLASLT_FUNCTIONS(X)
#undef X
static_assert(sizeof(cuda::BlasHeuristic) ==
              sizeof(cublasLtMatmulHeuristicResult_t));
static_assert(offsetof(cuda::BlasHeuristic, workspaceBytes) ==
              offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize));
SAME(BlasAllocationFailed, CUBLAS_STATUS_ALLOC_FAILED);
SAME(BlasNotSupported, CUBLAS_STATUS_NOT_SUPPORTED);
SAME(BlasF32, CUDA_R_32F);
SAME(BlasF16, CUDA_R_16F);
SAME(BlasBF16, CUDA_R_16BF);
SAME(BlasComputeF32, CUBLAS_COMPUTE_32F);
SAME(BlasComputeTF32, CUBLAS_COMPUTE_32F_FAST_TF32);
SAME(BlasTransposed, CUBLAS_OP_T);
SAME(BlasTransposeA, CUBLASLT_MATMUL_DESC_TRANSA);
SAME(BlasTransposeB, CUBLASLT_MATMUL_DESC_TRANSB);
SAME(BlasBatchCount, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT);
SAME(BlasBatchStride, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET);
SAME(BlasMaxWorkspaceBytes, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
SAME(BlasAlignmentA, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES);
SAME(BlasAlignmentB, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES);
SAME(BlasAlignmentC, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES);
SAME(BlasAlignmentD, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
#endif

/// cuda.h renames functions to versions: ours must be the same.
#define TEXT(symbol) #symbol
#define NAME(symbol) std::string(TEXT(symbol))
TEST(CUDATypes, VersionsAreThoseOfTheHeader) {
  EXPECT_EQ(NAME(cuMemAlloc), "cuMemAlloc_v2");
  EXPECT_EQ(NAME(cuMemFree), "cuMemFree_v2");
  EXPECT_EQ(NAME(cuMemGetInfo), "cuMemGetInfo_v2");
  EXPECT_EQ(NAME(cuStreamDestroy), "cuStreamDestroy_v2");
  EXPECT_EQ(NAME(cuStreamBeginCapture), "cuStreamBeginCapture_v2");
  EXPECT_EQ(NAME(cuCtxPushCurrent), "cuCtxPushCurrent_v2");
  EXPECT_EQ(NAME(cuCtxPopCurrent), "cuCtxPopCurrent_v2");
  EXPECT_EQ(NAME(cuDevicePrimaryCtxRelease), "cuDevicePrimaryCtxRelease_v2");
  EXPECT_EQ(NAME(cuMemsetD2D8Async), "cuMemsetD2D8Async");
}

} // namespace
