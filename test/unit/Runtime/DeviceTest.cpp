//===- DeviceTest.cpp - Modules on a device -------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What compiled code calls with a device set, and modules from host tensors to
// host tensors through one.
//
//===----------------------------------------------------------------------===//

#include "TestDevice.h"
#include "Testing.h"
#include "seednorm/Runtime/Module.h"
#include <thread>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::testing;

namespace {

/// Calls the function as compiled code on the device; its failure, or "".
std::string invoke(const seednorm_rt_device &device, void (*entry)(void **),
                   void **args) {
  char message[256] = "";
  const seednorm_rt_device *before = seednorm_rt_set_device(&device);
  seednorm_rt_invoke(entry, args, message, sizeof(message));
  seednorm_rt_set_device(before);
  return message;
}

//===----------------------------------------------------------------------===//
// What compiled code calls
//===----------------------------------------------------------------------===//

TEST(DeviceABI, IsSetForOneThread) {
  TestDevice device;
  EXPECT_EQ(seednorm_rt_set_device(&device.getInterface()), nullptr);
  std::thread([] {
    EXPECT_EQ(seednorm_rt_set_device(nullptr), nullptr);
    void *host = _mlir_memref_to_llvm_alloc(10);
    _mlir_memref_to_llvm_free(host);
  }).join();
  EXPECT_EQ(seednorm_rt_set_device(nullptr), &device.getInterface());
  EXPECT_TRUE(device.log.empty());
}

TEST(DeviceABI, WithoutADeviceLaunchesAndConstantsFail) {
  char message[256] = "";
  auto launch = [](void **) {
    struct seednorm_rt_launch launch = {};
    launch.kernel = "norm";
    seednorm_rt_launch(&launch);
  };
  EXPECT_EQ(seednorm_rt_invoke(launch, nullptr, message, sizeof(message)), 1);
  EXPECT_STREQ(message, "kernel 'norm' is to be launched, but this thread has "
                        "no device");
  auto constant = [](void **) { seednorm_rt_constant("abc", 3); };
  EXPECT_EQ(seednorm_rt_invoke(constant, nullptr, message, sizeof(message)), 1);
  EXPECT_STREQ(message, "a constant is to be copied to a device, but this "
                        "thread has none");
}

TEST(DeviceABI, FailuresReleaseWhatTheInvocationHeld) {
  TestDevice device;
  auto inner = [](void **args) {
    _mlir_memref_to_llvm_alloc(1);
    // The outer invocation's.
    _mlir_memref_to_llvm_free(args[0]);
    seednorm_rt_fail("inner");
  };
  static void (*innerFunction)(void **) = inner;
  auto outer = [](void **args) {
    args[0] = _mlir_memref_to_llvm_alloc(2);
    _mlir_memref_to_llvm_alloc(3);
    char message[10];
    seednorm_rt_invoke(innerFunction, args, message, sizeof(message));
    _mlir_memref_to_llvm_aligned_alloc(256, 4);
    _mlir_memref_to_llvm_alloc(uint64_t(1) << 40);
  };
  void *args[1];
  EXPECT_EQ(invoke(device.getInterface(), outer, args), "out of memory");
  EXPECT_TRUE(device.blocks.empty());

  auto aligned = [](void **) { _mlir_memref_to_llvm_aligned_alloc(512, 4); };
  EXPECT_EQ(invoke(device.getInterface(), aligned, nullptr),
            "a device buffer is to be aligned to 512 bytes, but 256 are the "
            "most");

  auto keep = [](void **args) { args[0] = _mlir_memref_to_llvm_alloc(0); };
  EXPECT_EQ(invoke(device.getInterface(), keep, args), "");
  EXPECT_EQ(device.blocks.count(args[0]), 1u);
}

TEST(DeviceABI, FailuresOfTheDeviceAreTheInvocations) {
  TestDevice device;
  auto work = [](void **) {
    void *a = _mlir_memref_to_llvm_alloc(4);
    float x = 0, *y = &x;
    seednorm_rt_gemm(SEEDNORM_RT_F32, 1, 1, 1, 1, y, 0, 1, 1, y, 0, 1, 1, y, 0,
                     1, 1, 0);
    seednorm_rt_constant("abc", 3);
    _mlir_memref_to_llvm_free(a);
  };
  for (auto [at, message] :
       {std::pair("allocate 4", "told to fail"),
        {"gemm", "matrix product of 1 x 1x1 by 1x1: told to fail"},
        {"allocate 3", "a constant of 3 bytes: told to fail"},
        {"copy 3", "a constant of 3 bytes: told to fail"},
        {"synchronize", "a constant of 3 bytes: told to fail"},
        {"release", "told to fail"}}) {
    device.failAt = at;
    EXPECT_EQ(invoke(device.getInterface(), work, nullptr), message);
    // The constant, where it came that far.
    seednorm_rt_forget_device(&device.getInterface());
    EXPECT_TRUE(device.blocks.empty()) << at;
  }
}

TEST(DeviceABI, ConstantsAreCopiedOnceForEachDevice) {
  static const char text[] = "constant";
  TestDevice first, second;
  auto use = [](void **args) {
    for (int i = 0; i < 3; ++i)
      args[i] = const_cast<void *>(seednorm_rt_constant(text, i < 2 ? 4 : 8));
  };
  void *args[3], *others[3];
  EXPECT_EQ(invoke(first.getInterface(), use, args), "");
  EXPECT_EQ(args[0], args[1]);
  EXPECT_NE(args[0], args[2]);
  EXPECT_EQ(std::memcmp(args[2], text, 8), 0);
  EXPECT_EQ(invoke(second.getInterface(), use, others), "");
  EXPECT_NE(args[0], others[0]);
  EXPECT_EQ(first.blocks.size(), 2u);
  seednorm_rt_forget_device(&first.getInterface());
  seednorm_rt_forget_device(&first.getInterface());
  EXPECT_TRUE(first.blocks.empty());
  EXPECT_EQ(second.blocks.size(), 2u);
  seednorm_rt_forget_device(&second.getInterface());
}

TEST(DeviceABI, ConstantsAreCopiedOnceByManyThreads) {
  static const char text[] = "constant";
  TestDevice device;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      auto use = [](void **) { seednorm_rt_constant(text, sizeof(text)); };
      EXPECT_EQ(invoke(device.getInterface(), use, nullptr), "");
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(device.blocks.size(), 1u);
  seednorm_rt_forget_device(&device.getInterface());
}

TEST(DeviceABI, BinariesAreUnloadedWithTheirLastUser) {
  TestDevice device;
  seednorm_rt_device one = device.getInterface(), two = one;
  auto use = [](void **) {
    float x = 1, y = 0, *to = &y, *from = &x;
    int64_t n = 1;
    void *arguments[] = {&to, &from, &n};
    struct seednorm_rt_launch launch = {};
    launch.binary = "binary";
    launch.kernel = "copy";
    launch.arguments = arguments;
    launch.grid[0] = launch.grid[1] = launch.grid[2] = 1;
    seednorm_rt_launch(&launch);
    EXPECT_EQ(y, 1);
    // Of nothing: no device sees it.
    launch.binary = "other";
    launch.grid[1] = 0;
    seednorm_rt_launch(&launch);
  };
  EXPECT_EQ(invoke(one, use, nullptr), "");
  EXPECT_EQ(invoke(one, use, nullptr), "");
  EXPECT_EQ(invoke(two, use, nullptr), "");
  EXPECT_EQ(device.log.size(), 3u);
  seednorm_rt_forget_device(&one);
  EXPECT_TRUE(device.unloaded.empty());
  seednorm_rt_forget_device(&two);
  ASSERT_EQ(device.unloaded.size(), 1u);
  EXPECT_STREQ(static_cast<const char *>(device.unloaded[0]), "binary");
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

Tensor makeTensor(ArrayRef<int64_t> shape, ArrayRef<double> values) {
  return cantFail(Tensor::fromDoubles(DType::F32, shape, values));
}

Safetensors makeWeights(ArrayRef<double> values) {
  Safetensors weights;
  weights.tensors.insert({"g", makeTensor({4}, values)});
  return weights;
}

std::unique_ptr<seednorm::Module> load() {
  return cantFail(seednorm::Module::loadObject(SEEDNORM_DEVICE_HOST_CODE));
}

TEST(DeviceModule, RunsFromHostTensorsToHostTensors) {
  auto device = std::make_shared<TestDevice>();
  {
    auto module = load();
    EXPECT_EQ(module->getDeviceSpec().chip, "sm_80");
    ASSERT_FALSE(bool(module->setDevice(device)));
    ASSERT_FALSE(bool(module->bindParameters(makeWeights({1, 2, 3, 4}))));
    SEEDNORM_ASSERT_VALUE(
        results,
        module->run("scale", {makeTensor({2, 4}, {1, 1, 1, 1, 2, 2, 2, 2})}));
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].getTypeString(), "2x4xf32");
    EXPECT_EQ(results[0].toDoubles(),
              (std::vector<double>{1, 2, 3, 4, 2, 4, 6, 8}));
    EXPECT_EQ(device->lastGrid, (std::vector<uint32_t>{4, 1, 1}));
    // The parameter alone.
    EXPECT_EQ(device->blocks.size(), 1u);

    SEEDNORM_ASSERT_VALUE(empty,
                          module->run("scale", {makeTensor({0, 4}, {})}));
    EXPECT_EQ(empty[0].getTypeString(), "0x4xf32");
  }
  EXPECT_TRUE(device->blocks.empty());
  EXPECT_EQ(device->unloaded.size(), 1u);
}

TEST(DeviceModule, ParametersFollowTheDeviceAndTheirValues) {
  auto first = std::make_shared<TestDevice>();
  auto second = std::make_shared<TestDevice>();
  auto module = load();
  ASSERT_FALSE(bool(module->bindParameters(makeWeights({1, 1, 1, 1}))));
  Tensor x = makeTensor({1, 4}, {1, 2, 3, 4});
  ASSERT_FALSE(bool(module->setDevice(first)));
  size_t calls = first->log.size();
  ASSERT_TRUE(bool(module->run("scale", {x})));
  // The input and the result, and nothing of the parameter's.
  EXPECT_EQ(std::count(first->log.begin() + calls, first->log.end(), "copy 16"),
            2);
  ASSERT_FALSE(bool(module->bindParameters(makeWeights({2, 2, 2, 2}))));
  SEEDNORM_ASSERT_VALUE(doubled, module->run("scale", {x}));
  EXPECT_EQ(doubled[0].toDoubles(), (std::vector<double>{2, 4, 6, 8}));

  // Failures leave everything as it is.
  for (const char *at : {"allocate", "copy", "synchronize"}) {
    first->failAt = second->failAt = at;
    EXPECT_NE(messageOf(module->bindParameters(makeWeights({3, 3, 3, 3})))
                  .find("told to fail"),
              std::string::npos);
    EXPECT_NE(messageOf(module->setDevice(second)).find("told to fail"),
              std::string::npos);
    first->failAt = second->failAt = "";
    SEEDNORM_ASSERT_VALUE(same, module->run("scale", {x}));
    EXPECT_EQ(same[0].toDoubles(), (std::vector<double>{2, 4, 6, 8}));
    EXPECT_TRUE(second->blocks.empty());
  }

  ASSERT_FALSE(bool(module->setDevice(second)));
  EXPECT_TRUE(first->blocks.empty());
  SEEDNORM_ASSERT_VALUE(moved, module->run("scale", {x}));
  EXPECT_EQ(moved[0].toDoubles(), (std::vector<double>{2, 4, 6, 8}));
}

TEST(DeviceModule, ResultsOfAnyStridesAndInputsToo) {
  auto device = std::make_shared<TestDevice>();
  auto module = load();
  ASSERT_FALSE(bool(module->setDevice(device)));
  // Every other column of a 2x6, backwards in rows.
  Tensor wide = makeTensor({2, 6}, {0, 9, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9});
  SEEDNORM_ASSERT_VALUE(x,
                        Tensor::borrow(wide.getDataAs<float>() + 6, DType::F32,
                                       {2, 3}, ArrayRef<int64_t>({-6, 2})));
  SEEDNORM_ASSERT_VALUE(results, module->run("transpose", {x}));
  EXPECT_EQ(results[0].getTypeString(), "3x2xf32");
  EXPECT_TRUE(results[0].isContiguous());
  EXPECT_EQ(results[0].toDoubles(),
            (std::vector<double>{13, 10, 24, 21, 35, 32}));
  // The module's constant.
  EXPECT_EQ(device->blocks.size(), 1u);

  SEEDNORM_ASSERT_VALUE(reversed,
                        module->run("reverse", {makeTensor({3}, {1, 2, 3})}));
  EXPECT_EQ(reversed[0].toDoubles(), (std::vector<double>{3, 2, 1}));

  SEEDNORM_ASSERT_VALUE(product, module->run("matmul", {x, results[0]}));
  EXPECT_EQ(
      product[0].toDoubles(),
      (std::vector<double>{3 * 13 + 4 * 24 + 5 * 35, 3 * 10 + 4 * 21 + 5 * 32,
                           24 + 2 * 35, 21 + 2 * 32}));
}

TEST(DeviceModule, FailuresAreCleanAndLeaveNothing) {
  auto device = std::make_shared<TestDevice>();
  auto module = load();
  Tensor x = makeTensor({3}, {1, 2, 3});
  EXPECT_EQ(messageOf(module->run("refuse", {x})),
            "the module is compiled for 'sm_80', so it needs a device to run");
  ASSERT_FALSE(bool(module->setDevice(device)));
  EXPECT_EQ(messageOf(module->run("refuse", {x})),
            "entry 'refuse' failed: refused on purpose");
  EXPECT_EQ(messageOf(module->run("unknown", {x})),
            "entry 'unknown' failed: kernel 'no_such_kernel': not found");
  EXPECT_EQ(messageOf(module->run("huge", {x})),
            "entry 'huge' failed: out of memory");
  EXPECT_EQ(messageOf(module->run("scale", {makeTensor({1, 4}, {1, 2, 3, 4})})),
            "entry 'scale' needs parameter 'g', but no weights are bound");
  for (auto [at, message] :
       {std::pair("allocate 12", "input 'x' of entry 'refuse': told to fail"),
        {"copy 12", "input 'x' of entry 'refuse': told to fail"},
        {"release", "entry 'refuse' failed: told to fail"}}) {
    device->failAt = at;
    EXPECT_EQ(messageOf(module->run("refuse", {x})), message);
  }
  device->failAt = "synchronize";
  Tensor y = makeTensor({1, 1}, {1});
  EXPECT_EQ(messageOf(module->run("matmul", {y, y})),
            "entry 'matmul' failed: told to fail");
  EXPECT_TRUE(device->blocks.empty());
}

TEST(DeviceModule, RefusesDevicesForOtherCode) {
  struct Other : TestDevice {
    Error checkRuns(const DeviceSpec &spec) const override {
      return makeError("no " + spec.format + " here");
    }
  };
  auto module = load();
  EXPECT_EQ(messageOf(module->setDevice(std::make_shared<Other>())),
            "no isa here");
  auto host = cantFail(seednorm::Module::compile("module {}"));
  EXPECT_EQ(messageOf(host->setDevice(std::make_shared<TestDevice>())),
            "the module is compiled for the CPU, so test:0 cannot run it");
}

TEST(DeviceSpec, IsResolvedAndChecked) {
  SEEDNORM_ASSERT_VALUE(host, resolveDevice({}));
  EXPECT_FALSE(host.isDevice());
  SEEDNORM_ASSERT_VALUE(plain, resolveDevice({DeviceKind::NVVM, "", ""}));
  EXPECT_EQ(plain.chip, "sm_80");
  EXPECT_EQ(plain.format, "isa");
  SEEDNORM_ASSERT_VALUE(same,
                        resolveDevice({DeviceKind::NVVM, "sm_90", "fatbin"}));
  EXPECT_EQ(same.chip, "sm_90");
  EXPECT_EQ(messageOf(resolveDevice({DeviceKind::NVVM, "sm_9000", ""})),
            "unknown GPU architecture 'sm_9000', where one like 'sm_90' is "
            "expected");
  // LLVM has this one, but the pipeline does not.
  EXPECT_EQ(messageOf(resolveDevice({DeviceKind::NVVM, "sm_75", ""})),
            "unknown chip 'sm_75': sm_80, sm_86, sm_87, sm_89, sm_90, sm_100, "
            "sm_103 or sm_120 is expected");
  EXPECT_EQ(messageOf(resolveDevice({DeviceKind::NVVM, "", "exe"})),
            "unknown kernel format 'exe', where llvm, isa, bin or fatbin is "
            "expected");
  SEEDNORM_ASSERT_VALUE(amd, resolveDevice({DeviceKind::ROCDL, "", ""}));
  EXPECT_EQ(amd.chip, "gfx942");
  EXPECT_EQ(amd.format, "isa");
  EXPECT_EQ(messageOf(resolveDevice({DeviceKind::ROCDL, "sm_90", ""})),
            "unknown GPU architecture 'sm_90', where one like 'gfx942' is "
            "expected");
  EXPECT_EQ(messageOf(resolveDevice({DeviceKind::ROCDL, "", "fatbin"})),
            "unknown kernel format 'fatbin', where llvm, isa or bin is "
            "expected");
  for (DeviceKind kind : {DeviceKind::CPU, DeviceKind::NVVM, DeviceKind::ROCDL})
    EXPECT_EQ(parseDeviceKind(stringifyDeviceKind(kind)), kind);
  EXPECT_EQ(getDeviceKind("gfx942"), DeviceKind::ROCDL);
  EXPECT_EQ(getDeviceKind("sm_90"), DeviceKind::NVVM);
}

} // namespace
