//===- Gpu.h - An emulated GPU for tests ------------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers, launches and messages in a line each, by the interface that compiled
// code uses. It must not know how the emulator works.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_GPU_H
#define SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_GPU_H

#include "seednorm/Runtime/Emulator.h"
#include "gtest/gtest.h"
#include <array>
#include <numeric>
#include <vector>

namespace seednorm::testing {

/// A module with what most kernels call.
inline std::string makeModule(llvm::StringRef body) {
  static constexpr char prelude[] = R"(
target triple = "nvptx64-nvidia-cuda"
target datalayout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64"
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.laneid()
declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare i32 @llvm.nvvm.shfl.sync.bfly.i32(i32, i32, i32, i32)
declare float @llvm.nvvm.shfl.sync.bfly.f32(i32, float, i32, i32)
)";
  return (prelude + body).str();
}

/// 1, 2, 3, …
template <typename T = float>
std::vector<T> iota(size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T(1));
  return values;
}

struct Shape {
  std::array<uint32_t, 3> grid = {1, 1, 1}, block = {1, 1, 1},
                          cluster = {1, 1, 1};
  uint32_t sharedBytes = 0, flags = 0;

  static Shape of(uint32_t grid, uint32_t block) {
    return {{grid, 1, 1}, {block, 1, 1}};
  }
  Shape clusters(uint32_t size) const {
    Shape shape = *this;
    shape.cluster[0] = size;
    return shape;
  }
  Shape shared(uint32_t bytes) const {
    Shape shape = *this;
    shape.sharedBytes = bytes;
    return shape;
  }
};

class Gpu {
public:
  explicit Gpu(const EmulatorOptions &options = {}) {
    auto created = createEmulatorDevice(options);
    if (!created)
      ADD_FAILURE() << llvm::toString(created.takeError());
    else
      device = std::move(*created);
  }

  void *allocate(uint64_t bytes) {
    void *pointer = nullptr;
    const seednorm_rt_device &interface = device->getInterface();
    EXPECT_EQ(interface.allocate(interface.context, bytes, &pointer, message,
                                 sizeof(message)),
              0)
        << message;
    return pointer;
  }
  void release(void *pointer) {
    const seednorm_rt_device &interface = device->getInterface();
    EXPECT_EQ(
        interface.release(interface.context, pointer, message, sizeof(message)),
        0)
        << message;
  }
  void copy(void *to, const void *from, uint64_t bytes) {
    const seednorm_rt_device &interface = device->getInterface();
    EXPECT_EQ(interface.copy(interface.context, to, from, bytes, message,
                             sizeof(message)),
              0)
        << message;
  }
  template <typename T>
  T *upload(const std::vector<T> &values) {
    void *pointer = allocate(values.size() * sizeof(T));
    copy(pointer, values.data(), values.size() * sizeof(T));
    return static_cast<T *>(pointer);
  }
  template <typename T>
  std::vector<T> download(const T *pointer, size_t count) {
    std::vector<T> values(count);
    copy(values.data(), pointer, count * sizeof(T));
    return values;
  }

  /// The error's message, or "" where there is none. The module must stay.
  template <typename... Arguments>
  std::string launch(llvm::StringRef module, const char *kernel,
                     const Shape &shape, Arguments... arguments) {
    void *addresses[] = {&arguments..., nullptr};
    struct seednorm_rt_launch launch = {};
    launch.binary = module.data();
    launch.binary_bytes = module.size();
    launch.kernel = kernel;
    std::copy(shape.grid.begin(), shape.grid.end(), launch.grid);
    std::copy(shape.block.begin(), shape.block.end(), launch.block);
    std::copy(shape.cluster.begin(), shape.cluster.end(), launch.cluster);
    launch.shared_bytes = shape.sharedBytes;
    launch.flags = shape.flags;
    launch.arguments = addresses;
    launch.num_arguments = sizeof...(arguments);
    const seednorm_rt_device &interface = device->getInterface();
    if (interface.launch(interface.context, &launch, message, sizeof(message)))
      return message;
    return "";
  }

  std::string findings() {
    std::string text;
    llvm::raw_string_ostream stream(text);
    device->printFindings(stream);
    return text;
  }

  std::unique_ptr<EmulatorDevice> device;
  char message[2048] = "";
};

} // namespace seednorm::testing

#endif // SEEDNORM_TEST_UNIT_RUNTIME_EMULATOR_GPU_H
