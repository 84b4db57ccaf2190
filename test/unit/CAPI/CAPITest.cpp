//===- CAPITest.cpp - Tests of the C interface ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Runtime/Testing.h"
#include "seednorm/Runtime/seednorm.h"
#include "gmock/gmock.h"
#include <cmath>
#include <cstring>
#include <thread>

using ::testing::HasSubstr;
using ::testing::StrEq;

extern "C" size_t seednorm_test_size(void);

namespace {

constexpr const char *model = R"(
  func.func @f(%x: tensor<?x4xf32> {seednorm.name = "x"},
               %g: tensor<4xf32> {seednorm.param = "gamma"})
      -> (tensor<?x4xf32> {seednorm.name = "y"}) {
    %c0 = arith.constant 0 : index
    %n = tensor.dim %x, %c0 : tensor<?x4xf32>
    %init = tensor.empty(%n) : tensor<?x4xf32>
    %y = seednorm.rms_norm ins(%x : tensor<?x4xf32>) gamma(%g : tensor<4xf32>)
        outs(%init : tensor<?x4xf32>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  })";

/// gamma = 1, 2, 3, 4.
std::string weights(llvm::StringRef name = "gamma") {
  std::string header = ("{\"" + name +
                        "\":{\"dtype\":\"F32\",\"shape\":[4],"
                        "\"data_offsets\":[0,16]}}")
                           .str();
  std::string bytes = seednorm::testing::bytesOf<uint64_t>({header.size()});
  return bytes + header + seednorm::testing::bytesOf<float>({1, 2, 3, 4});
}

class CAPITest : public ::testing::Test {
protected:
  void SetUp() override {
    setenv("SEEDNORM_CACHE", "off", 1);
    module = seednorm_compile(model, strlen(model), "model.mlir");
    ASSERT_NE(module, nullptr) << seednorm_last_error();
  }
  void TearDown() override { seednorm_close(module); }

  void bind() {
    ASSERT_EQ(seednorm_bind_parameters(
                  module, folder.write("w.safetensors", weights()).c_str()),
              0)
        << seednorm_last_error();
  }

  static DLTensor view(void *data, int64_t *shape, int64_t *strides = nullptr) {
    return {data, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 0};
  }

  /// The error of a call with one input.
  std::string errorOf(const DLTensor &x) {
    const DLTensor *inputs[] = {&x};
    DLManagedTensor *y = nullptr;
    EXPECT_EQ(seednorm_run(module, "f", inputs, 1, &y, 1), 1);
    EXPECT_EQ(y, nullptr);
    return seednorm_last_error();
  }

  seednorm::testing::TemporaryFolder folder;
  seednorm_module *module = nullptr;
  int64_t shape[2] = {2, 4};
  float x[8] = {1, 1, 1, 1, 2, 0, 0, 0};
};

TEST_F(CAPITest, Runs) {
  bind();
  DLTensor tensor = view(x, shape);
  const DLTensor *inputs[] = {&tensor};
  DLManagedTensor *y = nullptr;
  ASSERT_EQ(seednorm_run(module, "f", inputs, 1, &y, 1), 0)
      << seednorm_last_error();
  // Results outlive the module.
  seednorm_close(module);
  module = nullptr;
  ASSERT_EQ(y->dl_tensor.ndim, 2);
  EXPECT_EQ(y->dl_tensor.shape[0], 2);
  EXPECT_EQ(y->dl_tensor.shape[1], 4);
  auto *values = static_cast<const float *>(y->dl_tensor.data);
  const float expected[] = {1, 2, 3, 4, 2, 0, 0, 0};
  for (int i = 0; i < 8; ++i)
    EXPECT_NEAR(values[i], expected[i], 1e-5);
  y->deleter(y);
}

TEST_F(CAPITest, TakesAnyViewAndNoRows) {
  bind();
  // Columns with a stride of 2, off the alignment of their elements.
  alignas(8) char memory[80] = {};
  for (int i = 0; i < 8; ++i)
    memcpy(memory + 1 + 8 * i, &x[i], sizeof(float));
  int64_t strides[2] = {8, 2};
  DLTensor tensor = view(memory + 1, shape, strides);
  const DLTensor *inputs[] = {&tensor};
  DLManagedTensor *y = nullptr;
  ASSERT_EQ(seednorm_run(module, "f", inputs, 1, &y, 1), 0)
      << seednorm_last_error();
  EXPECT_NEAR(static_cast<const float *>(y->dl_tensor.data)[3], 4, 1e-5);
  y->deleter(y);
  shape[0] = 0;
  tensor = view(nullptr, shape);
  ASSERT_EQ(seednorm_run(module, "f", inputs, 1, &y, 1), 0)
      << seednorm_last_error();
  EXPECT_EQ(y->dl_tensor.shape[0], 0);
  y->deleter(y);
}

TEST_F(CAPITest, RunsFromManyThreads) {
  bind();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      float own[4] = {float(t + 1), 0, 0, 0};
      int64_t ownShape[2] = {1, 4};
      DLTensor tensor = view(own, ownShape);
      const DLTensor *inputs[] = {&tensor};
      for (int i = 0; i < 100; ++i) {
        DLManagedTensor *y = nullptr;
        ASSERT_EQ(seednorm_run(module, "f", inputs, 1, &y, 1), 0);
        EXPECT_NEAR(static_cast<const float *>(y->dl_tensor.data)[0], 2, 1e-4);
        y->deleter(y);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(CAPITest, Describes) {
  ASSERT_EQ(seednorm_num_entries(module), 1u);
  EXPECT_THAT(seednorm_entry_name(module, 0), StrEq("f"));
  EXPECT_EQ(seednorm_entry_name(module, 1), nullptr);
  seednorm_tensor_spec spec;
  ASSERT_EQ(seednorm_describe_argument(module, "f", 0, &spec), 0);
  EXPECT_THAT(spec.name, StrEq("x"));
  EXPECT_EQ(spec.parameter, nullptr);
  EXPECT_EQ(spec.dtype.code, kDLFloat);
  EXPECT_EQ(spec.dtype.bits, 32);
  ASSERT_EQ(spec.ndim, 2);
  EXPECT_LT(spec.shape[0], 0);
  EXPECT_EQ(spec.shape[1], 4);
  ASSERT_EQ(seednorm_describe_argument(module, "f", 1, &spec), 0);
  EXPECT_THAT(spec.parameter, StrEq("gamma"));
  ASSERT_EQ(seednorm_describe_result(module, "f", 0, &spec), 0);
  EXPECT_THAT(spec.name, StrEq("y"));
  EXPECT_EQ(seednorm_describe_argument(module, "f", 2, &spec), 1);
  EXPECT_EQ(seednorm_describe_result(module, "f", 1, &spec), 1);
  EXPECT_EQ(seednorm_describe_result(module, "g", 0, &spec), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("'g'"));
}

TEST_F(CAPITest, BadArrays) {
  DLTensor tensor = view(x, shape);
  EXPECT_THAT(errorOf(tensor), HasSubstr("no weights are bound"));
  bind();
  DLTensor other = tensor;
  other.device.device_type = kDLCUDA;
  EXPECT_THAT(errorOf(other), HasSubstr("expected host memory"));
  other = tensor;
  other.dtype.bits = 64;
  EXPECT_THAT(errorOf(other), HasSubstr("2x4xf64, but ?x4xf32 is expected"));
  other = tensor;
  other.dtype.lanes = 4;
  EXPECT_THAT(errorOf(other), HasSubstr("4 lanes"));
  other = tensor;
  other.ndim = -1;
  EXPECT_THAT(errorOf(other), HasSubstr("-1 dimensions"));
  other = tensor;
  other.shape = nullptr;
  EXPECT_THAT(errorOf(other), HasSubstr("no shape"));
  other = tensor;
  other.data = nullptr;
  EXPECT_NE(errorOf(other), "");
  int64_t wrong[2] = {2, 5}, negative[2] = {-2, 4};
  other = view(x, wrong);
  EXPECT_THAT(errorOf(other), HasSubstr("2x5xf32, but ?x4xf32 is expected"));
  EXPECT_NE(errorOf(view(x, negative)), "");
}

TEST_F(CAPITest, BadCalls) {
  bind();
  DLTensor tensor = view(x, shape);
  const DLTensor *inputs[] = {&tensor}, *null[] = {nullptr};
  DLManagedTensor *y = nullptr;
  EXPECT_EQ(seednorm_run(nullptr, "f", inputs, 1, &y, 1), 1);
  EXPECT_THAT(seednorm_last_error(), StrEq("'module' is null"));
  EXPECT_EQ(seednorm_run(module, nullptr, inputs, 1, &y, 1), 1);
  EXPECT_EQ(seednorm_run(module, "g", inputs, 1, &y, 1), 1);
  EXPECT_EQ(seednorm_run(module, "f", nullptr, 1, &y, 1), 1);
  EXPECT_EQ(seednorm_run(module, "f", null, 1, &y, 1), 1);
  EXPECT_THAT(seednorm_last_error(), StrEq("'inputs[0]' is null"));
  EXPECT_EQ(seednorm_run(module, "f", inputs, 1, nullptr, 1), 1);
  EXPECT_EQ(seednorm_run(module, "f", inputs, 0, &y, 1), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("takes 1 inputs, but got 0"));
  EXPECT_EQ(seednorm_run(module, "f", inputs, 1, &y, 0), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("has 1 results"));
  EXPECT_EQ(y, nullptr);
}

TEST_F(CAPITest, BadFilesAndSources) {
  EXPECT_EQ(seednorm_compile(nullptr, 0, nullptr), nullptr);
  EXPECT_EQ(seednorm_compile("func.func @", 11, "bad.mlir"), nullptr);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("bad.mlir:1:"));
  EXPECT_EQ(seednorm_open(nullptr), nullptr);
  for (const char *name : {"a.mlir", "a.o", "a.so"}) {
    EXPECT_EQ(seednorm_open((folder / name).c_str()), nullptr);
    EXPECT_THAT(seednorm_last_error(), HasSubstr(name));
    EXPECT_EQ(seednorm_open(folder.write(name, "?").c_str()), nullptr);
    EXPECT_THAT(seednorm_last_error(), HasSubstr(name));
  }
  EXPECT_EQ(seednorm_bind_parameters(module, nullptr), 1);
  EXPECT_EQ(seednorm_bind_parameters(nullptr, "w"), 1);
  EXPECT_EQ(seednorm_bind_parameters(module, (folder / "w").c_str()), 1);
  std::string other = folder.write("other", weights("beta"));
  EXPECT_EQ(seednorm_bind_parameters(module, other.c_str()), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("'gamma'"));
}

TEST_F(CAPITest, OpensFiles) {
  seednorm_module *opened =
      seednorm_open(folder.write("model.mlir", model).c_str());
  ASSERT_NE(opened, nullptr) << seednorm_last_error();
  EXPECT_EQ(seednorm_num_entries(opened), 1u);
  seednorm_close(opened);
}

TEST_F(CAPITest, DevicesAndTheirModules) {
  setenv("SEEDNORM_LIBCUDA", SEEDNORM_FAKE_CUDA, 1);
  EXPECT_EQ(seednorm_set_device(nullptr, "cuda"), 1);
  EXPECT_THAT(seednorm_last_error(), StrEq("'module' is null"));
  EXPECT_EQ(seednorm_set_device(module, nullptr), 1);
  EXPECT_THAT(seednorm_last_error(), StrEq("'device' is null"));
  for (const char *name : {"", "cpu", "cuda:", "cuda:x", "cuda:-1", "cuda1",
                           "CUDA", "cuda:99999999999", "cuda:1:2"}) {
    EXPECT_EQ(seednorm_set_device(module, name), 1);
    EXPECT_THAT(seednorm_last_error(),
                HasSubstr("but 'cuda' or one like 'cuda:1' is expected"));
  }
  EXPECT_EQ(seednorm_set_device(module, "cuda:1"), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("there is no GPU 1"));
  EXPECT_EQ(seednorm_set_device(module, "cuda"), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("compiled for the CPU"));

  seednorm_module *other = seednorm_open(SEEDNORM_DEVICE_HOST_CODE);
  ASSERT_NE(other, nullptr) << seednorm_last_error();
  int64_t sizes[] = {1, 2};
  float values[] = {1, 2};
  DLTensor tensor = {values, {kDLCPU, 0}, 2, {kDLFloat, 32, 1},
                     sizes,  nullptr,     0};
  const DLTensor *inputs[] = {&tensor};
  DLManagedTensor *y = nullptr;
  EXPECT_EQ(seednorm_run(other, "transpose", inputs, 1, &y, 1), 1);
  EXPECT_THAT(seednorm_last_error(), HasSubstr("needs a device"));
  ASSERT_EQ(seednorm_set_device(other, "cuda:0"), 0) << seednorm_last_error();
  ASSERT_EQ(seednorm_run(other, "transpose", inputs, 1, &y, 1), 0)
      << seednorm_last_error();
  seednorm_close(other);
  EXPECT_EQ(static_cast<float *>(y->dl_tensor.data)[1], 22);
  y->deleter(y);
  unsetenv("SEEDNORM_LIBCUDA");
}

TEST(CAPI, Odds) {
  EXPECT_THAT(seednorm_version(), HasSubstr("."));
  EXPECT_EQ(seednorm_test_size(), sizeof(seednorm_tensor_spec));
  EXPECT_EQ(seednorm_num_entries(nullptr), 0u);
  seednorm_close(nullptr);
  seednorm_set_num_threads(1);
  EXPECT_EQ(seednorm_get_num_threads(), 1);
  seednorm_set_num_threads(0);
  EXPECT_GE(seednorm_get_num_threads(), 1);
}

} // namespace
