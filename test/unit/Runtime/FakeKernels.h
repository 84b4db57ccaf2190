//===- FakeKernels.h - Kernels that run on the host ----------- -*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What devices of the tests execute where a GPU would run a kernel of
// DeviceHostCode.cpp. It must not know who asks.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_FAKEKERNELS_H
#define SEEDNORM_TEST_UNIT_RUNTIME_FAKEKERNELS_H

#include <cstdint>
#include <cstring>

namespace seednorm::testing {

struct FakeKernel {
  const char *name;
  unsigned numArguments;
  void (*run)(void **arguments);
};

template <typename T>
T getArgument(void **arguments, unsigned index) {
  T value;
  std::memcpy(&value, arguments[index], sizeof(value));
  return value;
}

inline const FakeKernel *findFakeKernel(const char *name) {
  static constexpr FakeKernel kernels[] = {
      {"copy", 3,
       [](void **arguments) {
         auto *y = getArgument<float *>(arguments, 0);
         auto *x = getArgument<const float *>(arguments, 1);
         for (int64_t i = 0; i < getArgument<int64_t>(arguments, 2); ++i)
           y[i] = x[i];
       }},
      {"scale", 5,
       [](void **arguments) {
         auto *y = getArgument<float *>(arguments, 0);
         auto *x = getArgument<const float *>(arguments, 1);
         auto *g = getArgument<const float *>(arguments, 2);
         auto rows = getArgument<int64_t>(arguments, 3);
         auto columns = getArgument<int64_t>(arguments, 4);
         for (int64_t i = 0; i < rows * columns; ++i)
           y[i] = x[i] * g[i % columns];
       }},
      {"add", 6,
       [](void **arguments) {
         auto *y = getArgument<float *>(arguments, 0);
         auto *x = getArgument<const float *>(arguments, 1);
         auto *addends = getArgument<const float *>(arguments, 2);
         auto rows = getArgument<int64_t>(arguments, 3);
         auto columns = getArgument<int64_t>(arguments, 4);
         auto period = getArgument<int64_t>(arguments, 5);
         for (int64_t i = 0; i < rows * columns; ++i)
           y[i] = x[i] + addends[i % columns % period];
       }},
      {"crash", 3, nullptr}};
  for (const FakeKernel &kernel : kernels)
    if (!std::strcmp(kernel.name, name))
      return &kernel;
  return nullptr;
}

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_FAKEKERNELS_H
