//===- FakeCublasLt.cpp - cuBLASLt for tests ------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Multiplies by the definition, in cuBLASLt's own terms, and refuses what
// cuBLASLt refuses.
//
//===----------------------------------------------------------------------===//

#include "../../../../runtime/CUDA/CublasLt.h"
#include "FakeCUDA.h"
#include <cstring>
#include <map>

using namespace seednorm::cuda;

namespace seednorm::cuda {
struct BlasObject {};
struct BlasDescriptionObject {
  BlasCompute compute;
  BlasOperation a = BlasNormal, b = BlasNormal;
};
struct BlasLayoutObject {
  BlasType type;
  uint64_t rows, columns;
  int64_t leading;
  int32_t batch = 1;
  int64_t batchStride = 0;
};
struct BlasPreferenceObject {
  std::map<int, uint64_t> values;
};
} // namespace seednorm::cuda

namespace {

constexpr BlasStatus invalid = BlasStatus(7), internal = BlasStatus(14);

size_t getBytes(BlasType type) { return type == BlasF32 ? 4 : 2; }

float load(BlasType type, const char *element) {
  float value = 0;
  if (type == BlasF32)
    std::memcpy(&value, element, 4);
  else if (type == BlasBF16)
    std::memcpy(reinterpret_cast<char *>(&value) + 2, element, 2);
  else
    value = *reinterpret_cast<const _Float16 *>(element);
  return value;
}

/// Rounds towards zero for bf16: tests use small integers.
void store(BlasType type, char *element, float value) {
  if (type == BlasF32)
    std::memcpy(element, &value, 4);
  else if (type == BlasBF16)
    std::memcpy(element, reinterpret_cast<char *>(&value) + 2, 2);
  else
    *reinterpret_cast<_Float16 *>(element) = _Float16(value);
}

/// A matrix with its layout.
struct View {
  char *data;
  BlasLayoutObject layout;
  bool transposed;

  uint64_t getRows() const { return transposed ? layout.columns : layout.rows; }
  uint64_t getColumns() const {
    return transposed ? layout.rows : layout.columns;
  }
  char *at(int64_t batch, int64_t row, int64_t column) const {
    if (transposed)
      std::swap(row, column);
    return data + (batch * layout.batchStride + row + column * layout.leading) *
                      int64_t(getBytes(layout.type));
  }
};

void multiply(const View &a, const View &b, const View &d, float beta) {
  for (int64_t i = 0; i < d.layout.batch; ++i)
    for (uint64_t row = 0; row < d.getRows(); ++row)
      for (uint64_t column = 0; column < d.getColumns(); ++column) {
        char *element = d.at(i, row, column);
        float sum = beta ? beta * load(d.layout.type, element) : 0;
        for (uint64_t k = 0; k < a.getColumns(); ++k)
          sum += load(a.layout.type, a.at(i, row, k)) *
                 load(b.layout.type, b.at(i, k, column));
        store(d.layout.type, element, sum);
      }
}

/// The one failure that is told apart, by its own number; else some other.
BlasStatus fail(const fake::Call &call) {
  auto status = BlasStatus(call.result);
  return status == BlasAllocationFailed ? status : internal;
}

BlasStatus destroy() {
  fake::countObjects(-1);
  return BlasSuccess;
}

} // namespace

FAKE_EXPORT const char *cublasLtGetStatusName(BlasStatus status) {
  return status == internal               ? "CUBLAS_STATUS_INTERNAL_ERROR"
         : status == BlasAllocationFailed ? "CUBLAS_STATUS_ALLOC_FAILED"
                                          : "CUBLAS_STATUS_INVALID_VALUE";
}
FAKE_EXPORT BlasStatus cublasLtCreate(BlasHandle *handle) {
  fake::Call call("cublasLtCreate");
  if (!call)
    return fail(call);
  *handle = new BlasObject;
  fake::countObjects(1);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus cublasLtDestroy(BlasHandle handle) {
  delete handle;
  return destroy();
}
FAKE_EXPORT BlasStatus cublasLtMatmulDescCreate(BlasDescription *description,
                                                BlasCompute compute,
                                                BlasType scale) {
  if (scale != BlasF32)
    return invalid;
  *description = new BlasDescriptionObject{compute};
  fake::countObjects(1);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus cublasLtMatmulDescDestroy(BlasDescription description) {
  delete description;
  return destroy();
}
FAKE_EXPORT BlasStatus cublasLtMatmulDescSetAttribute(
    BlasDescription description, BlasDescriptionAttribute attribute,
    const void *value, size_t bytes) {
  if (bytes != sizeof(BlasOperation))
    return invalid;
  std::memcpy(attribute == BlasTransposeA ? &description->a : &description->b,
              value, bytes);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus cublasLtMatrixLayoutCreate(BlasLayout *layout,
                                                  BlasType type, uint64_t rows,
                                                  uint64_t columns,
                                                  int64_t leading) {
  if (leading < int64_t(rows))
    return invalid;
  *layout = new BlasLayoutObject{type, rows, columns, leading};
  fake::countObjects(1);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus cublasLtMatrixLayoutDestroy(BlasLayout layout) {
  delete layout;
  return destroy();
}
FAKE_EXPORT BlasStatus cublasLtMatrixLayoutSetAttribute(
    BlasLayout layout, BlasLayoutAttribute attribute, const void *value,
    size_t bytes) {
  if (attribute == BlasBatchCount && bytes == 4)
    std::memcpy(&layout->batch, value, bytes);
  else if (attribute == BlasBatchStride && bytes == 8)
    std::memcpy(&layout->batchStride, value, bytes);
  else
    return invalid;
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus
cublasLtMatmulPreferenceCreate(BlasPreference *preference) {
  *preference = new BlasPreferenceObject;
  fake::countObjects(1);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus
cublasLtMatmulPreferenceDestroy(BlasPreference preference) {
  delete preference;
  return destroy();
}
FAKE_EXPORT BlasStatus cublasLtMatmulPreferenceSetAttribute(
    BlasPreference preference, BlasPreferenceAttribute attribute,
    const void *value, size_t bytes) {
  if (bytes != (attribute == BlasMaxWorkspaceBytes ? 8u : 4u))
    return invalid;
  std::memcpy(&preference->values[attribute], value, bytes);
  return BlasSuccess;
}
FAKE_EXPORT BlasStatus cublasLtMatmulAlgoGetHeuristic(
    BlasHandle, BlasDescription description, BlasLayout a, BlasLayout,
    BlasLayout c, BlasLayout d, BlasPreference preference, int requested,
    BlasHeuristic *results, int *found) {
  fake::Call call("cublasLtMatmulAlgoGetHeuristic");
  if (!call)
    return BlasNotSupported;
  *found = 1;
  results->workspaceBytes = fake::getNumber("FAKE_CUDA_WORKSPACE", 0);
  fake::log("choose " + std::to_string(d->rows) + "x" +
            std::to_string(d->columns) + " alignments " +
            std::to_string(preference->values[BlasAlignmentA]) + " " +
            std::to_string(preference->values[BlasAlignmentB]) + " " +
            std::to_string(preference->values[BlasAlignmentC]) +
            (description->compute == BlasComputeTF32 ? " tf32" : ""));
  return requested == 1 && c == d ? BlasSuccess : invalid;
}
FAKE_EXPORT BlasStatus cublasLtMatmul(
    BlasHandle, BlasDescription description, const void *alpha, const void *a,
    BlasLayout aLayout, const void *b, BlasLayout bLayout, const void *beta,
    const void *c, BlasLayout cLayout, void *d, BlasLayout dLayout,
    const BlasAlgorithm *, void *workspace, size_t workspaceBytes,
    StreamHandle stream) {
  fake::Call call("cublasLtMatmul");
  if (!call)
    return fail(call);
  View first = {static_cast<char *>(const_cast<void *>(a)), *aLayout,
                description->a == BlasTransposed};
  View second = {static_cast<char *>(const_cast<void *>(b)), *bLayout,
                 description->b == BlasTransposed};
  View result = {static_cast<char *>(d), *dLayout, false};
  if (*static_cast<const float *>(alpha) != 1 || c != d ||
      first.getRows() != result.getRows() ||
      first.getColumns() != second.getRows() ||
      second.getColumns() != result.getColumns() ||
      aLayout->batch != dLayout->batch || bLayout->batch != dLayout->batch ||
      (workspaceBytes && !fake::isAllocated(workspace, workspaceBytes)))
    return invalid;
  float scale = *static_cast<const float *>(beta);
  fake::enqueue(stream, [=] {
    if (workspaceBytes)
      std::memset(workspace, 0xab, workspaceBytes);
    multiply(first, second, result, scale);
  });
  return BlasSuccess;
}
