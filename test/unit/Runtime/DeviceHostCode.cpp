//===- DeviceHostCode.cpp - Host code of modules for a device -------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled module made by hand, as a shared library: what the pipeline's host
// code does, one entry for each thing that can happen. It must not know which
// device it runs on; kernels are known by name alone.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/RuntimeABI.h"
#include <cstring>
#include <initializer_list>

#if defined(__aarch64__)
#define TRIPLE "aarch64-unknown-linux-gnu"
#else
#define TRIPLE "x86_64-unknown-linux-gnu"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

#define TENSOR(name, shape)                                                    \
  "{\"name\":\"" name "\",\"dtype\":\"f32\",\"shape\":" shape "}"
#define PARAM(name, shape)                                                     \
  "{\"name\":\"" name "\",\"dtype\":\"f32\",\"param\":\"" name                 \
  "\",\"shape\":" shape "}"
#define ENTRY(name, inputs, results)                                           \
  "{\"name\":\"" name "\",\"inputs\":[" inputs "],\"results\":[" results "]}"

EXPORT const char seednorm_module_metadata[] =
    "{\"version\":1,\"target\":{\"triple\":\"" TRIPLE
    "\",\"cpu\":\"\",\"features\":\"\"},"
    "\"device\":{\"kind\":\"nvvm\",\"chip\":\"sm_80\",\"format\":\"isa\"},"
    "\"entries\":["
    // y = x * g
    ENTRY("scale", TENSOR("x", "[-1,4]") "," PARAM("g", "[4]"),
          TENSOR("y", "[-1,4]")) ","
    // y = transpose(x + a constant of the module)
    ENTRY("transpose", TENSOR("x", "[-1,-1]"), TENSOR("y", "[-1,-1]")) ","
    // y = a·b
    ENTRY("matmul", TENSOR("a", "[-1,-1]") "," TENSOR("b", "[-1,-1]"),
          TENSOR("y", "[-1,-1]")) ","
    // y = x, from its end to its beginning.
    ENTRY("reverse", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) ","
    // Fails between an allocation and its end.
    ENTRY("refuse", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) ","
    // Launches a kernel that the binary does not have.
    ENTRY("unknown", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) ","
    // A kernel that reads out of bounds, as one that is wrong would.
    ENTRY("crash", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) ","
    // y = x, but with a terabyte allocated on the way.
    ENTRY("huge", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) ","
    // y = x, from a binary that no driver takes.
    ENTRY("broken", TENSOR("x", "[-1]"), TENSOR("y", "[-1]")) "]}";

namespace {

/// As a driver takes PTX: text, here without the NUL at its end.
constexpr char binary[] = {'/', '/', ' ', 'P', 'T', 'X', ':', ' ', 'f', 'a',
                           'k', 'e', ' ', 'k', 'e', 'r', 'n', 'e', 'l', 's'};
constexpr char brokenBinary[] = {'/', '/', ' ', 'P', 'T', 'X', ':',
                                 ' ', 'b', 'r', 'o', 'k', 'e', 'n'};
constexpr float addends[4] = {10, 20, 30, 40};

struct Matrix {
  float *allocated, *data;
  int64_t offset, sizes[2], strides[2];
};
struct Vector {
  float *allocated, *data;
  int64_t offset, size, stride;
};

float *allocate(int64_t elements) {
  return static_cast<float *>(
      _mlir_memref_to_llvm_aligned_alloc(64, elements * sizeof(float)));
}

void launch(const char *kernel, uint32_t ctas,
            std::initializer_list<void *> arguments, uint32_t cluster = 1,
            uint32_t flags = 0, const char *image = binary,
            uint64_t imageBytes = sizeof(binary)) {
  void *addresses[8];
  std::memcpy(addresses, arguments.begin(), arguments.size() * sizeof(void *));
  struct seednorm_rt_launch launch = {};
  launch.binary = image;
  launch.binary_bytes = imageBytes;
  launch.kernel = kernel;
  launch.grid[0] = ctas;
  launch.grid[1] = launch.grid[2] = 1;
  launch.block[0] = 64;
  launch.block[1] = 2;
  launch.block[2] = 1;
  launch.cluster[0] = cluster;
  launch.cluster[1] = launch.cluster[2] = 1;
  launch.shared_bytes = cluster > 1 ? 100000 : 0;
  launch.flags = flags;
  launch.arguments = addresses;
  launch.num_arguments = arguments.size();
  seednorm_rt_launch(&launch);
}

/// One kernel from x to y, both vectors.
void runOnVectors(void **args, const char *kernel, const char *image = binary,
                  uint64_t imageBytes = sizeof(binary)) {
  auto *y = static_cast<Vector *>(args[0]);
  auto *x = static_cast<Vector *>(args[1]);
  float *result = allocate(x->size);
  launch(kernel, 1, {&result, &x->data, &x->size}, 1, 0, image, imageBytes);
  *y = {result, result, 0, x->size, 1};
}

} // namespace

/// By way of a buffer of its own, with a cluster and an early start for the
/// second kernel.
EXPORT void seednorm_entry_scale(void **args) {
  auto *y = static_cast<Matrix *>(args[0]);
  auto *x = static_cast<Matrix *>(args[1]);
  auto *g = static_cast<Vector *>(args[2]);
  int64_t rows = x->sizes[0], columns = 4, elements = rows * columns;
  float *copy = allocate(elements);
  launch("copy", static_cast<uint32_t>(rows), {&copy, &x->data, &elements});
  float *result = allocate(elements);
  launch("scale", static_cast<uint32_t>(rows * 2),
         {&result, &copy, &g->data, &rows, &columns}, 2,
         SEEDNORM_RT_LAUNCH_DEPENDENT);
  _mlir_memref_to_llvm_free(copy);
  *y = {result, result, 0, {rows, columns}, {columns, 1}};
}

EXPORT void seednorm_entry_transpose(void **args) {
  auto *y = static_cast<Matrix *>(args[0]);
  auto *x = static_cast<Matrix *>(args[1]);
  auto *constant =
      static_cast<const float *>(seednorm_rt_constant(addends, sizeof addends));
  int64_t rows = x->sizes[0], columns = x->sizes[1], four = 4;
  // What is free may be had again.
  _mlir_memref_to_llvm_free(allocate(rows * columns));
  float *result = allocate(rows * columns + 1);
  float *data = result + 1;
  launch("add", 1, {&data, &x->data, &constant, &rows, &columns, &four});
  *y = {result, result, 1, {columns, rows}, {1, columns}};
}

EXPORT void seednorm_entry_matmul(void **args) {
  auto *y = static_cast<Matrix *>(args[0]);
  auto *a = static_cast<Matrix *>(args[1]);
  auto *b = static_cast<Matrix *>(args[2]);
  int64_t m = a->sizes[0], k = a->sizes[1], n = b->sizes[1];
  float *result = allocate(m * n);
  seednorm_rt_gemm(SEEDNORM_RT_F32, 1, m, n, k, a->data, 0, a->strides[0], 1,
                   b->data, 0, b->strides[0], 1, result, 0, n, 1, 0);
  *y = {result, result, 0, {m, n}, {n, 1}};
}

EXPORT void seednorm_entry_reverse(void **args) {
  runOnVectors(args, "copy");
  auto *y = static_cast<Vector *>(args[0]);
  y->offset = y->size - 1;
  y->stride = -1;
}

EXPORT void seednorm_entry_refuse(void **args) {
  auto *x = static_cast<Vector *>(args[1]);
  allocate(x->size);
  float *freed = allocate(x->size);
  _mlir_memref_to_llvm_free(freed);
  seednorm_rt_fail("refused on purpose");
}

EXPORT void seednorm_entry_unknown(void **args) {
  runOnVectors(args, "no_such_kernel");
}

EXPORT void seednorm_entry_crash(void **args) { runOnVectors(args, "crash"); }

EXPORT void seednorm_entry_huge(void **args) {
  float *terabyte = allocate(int64_t(1) << 38);
  runOnVectors(args, "copy");
  _mlir_memref_to_llvm_free(terabyte);
}

EXPORT void seednorm_entry_broken(void **args) {
  runOnVectors(args, "copy", brokenBinary, sizeof(brokenBinary));
}
