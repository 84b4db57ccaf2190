//===- CUDATest.cpp - The CUDA device over a fake driver ------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that the device asks of the driver, and what becomes of each of
// its failures. The fake driver is told by environment variables what to be.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Runtime/CUDA.h"
#include "../../../runtime/CUDA/CublasLt.h"
#include "FakeCUDA/FakeCUDA.h"
#include "Testing.h"
#include "seednorm/Runtime/Module.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cstdlib>
#include <thread>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::testing;

FAKE_EXPORT int cuMemGetInfo_v2(size_t *free, size_t *total);

namespace {

using Doubles = std::vector<double>;

Tensor makeTensor(ArrayRef<int64_t> shape, ArrayRef<double> values) {
  return cantFail(Tensor::fromDoubles(DType::F32, shape, values));
}

Safetensors makeWeights(ArrayRef<double> values) {
  Safetensors weights;
  weights.tensors.insert({"g", makeTensor({4}, values)});
  return weights;
}

class CUDA : public ::testing::Test {
protected:
  CUDA() {
    set("SEEDNORM_LIBCUDA", SEEDNORM_FAKE_CUDA);
    set("SEEDNORM_LIBCUBLASLT", SEEDNORM_FAKE_CUDA);
    fakeCUDAReset();
    fakeCUDAPin(nullptr, 0);
    bytesBefore = fakeCUDALiveBytes();
    objectsBefore = fakeCUDALiveObjects();
  }
  ~CUDA() override {
    for (const std::string &name : variables)
      unsetenv(name.c_str());
    fakeCUDAReset();
    EXPECT_EQ(fakeCUDALiveBytes(), bytesBefore);
    EXPECT_EQ(fakeCUDALiveObjects(), objectsBefore);
  }

  void set(const std::string &name, const std::string &value) {
    setenv(name.c_str(), value.c_str(), /*overwrite=*/1);
    variables.push_back(name);
  }

  static std::shared_ptr<Device> open() {
    return cantFail(createCUDADevice(0));
  }

  static std::unique_ptr<seednorm::Module>
  load(const std::shared_ptr<Device> &device) {
    auto module =
        cantFail(seednorm::Module::loadObject(SEEDNORM_DEVICE_HOST_CODE));
    cantFail(module->setDevice(device));
    return module;
  }

  static int calls(const char *function) { return fakeCUDACalls(function); }

  /// y = x * g for a row that begins with `first`.
  static std::string runScale(const seednorm::Module &module, double first,
                              ArrayRef<double> g) {
    Doubles row = {first, 1, 2, 3};
    auto results = module.run("scale", {makeTensor({1, 4}, row)});
    if (!results)
      return toString(results.takeError());
    for (size_t i = 0; i < 4; ++i)
      row[i] *= g[i];
    return (*results)[0].toDoubles() == row ? "right" : "wrong";
  }

  std::vector<std::string> variables;
  size_t bytesBefore;
  int objectsBefore;
};

//===----------------------------------------------------------------------===//
// The driver
//===----------------------------------------------------------------------===//

TEST_F(CUDA, SaysWhyThereIsNoDriver) {
  set("SEEDNORM_LIBCUDA", "/nowhere/libcuda.so.1");
  std::string message = messageOf(createCUDADevice(0));
  EXPECT_EQ(message.rfind("no CUDA driver: cannot load "
                          "'/nowhere/libcuda.so.1': ",
                          0),
            0u)
      << message;
  EXPECT_NE(message.find("SEEDNORM_LIBCUDA"), std::string::npos);

  set("SEEDNORM_LIBCUDA", SEEDNORM_INCOMPLETE_FAKE_CUDA);
  message = messageOf(createCUDADevice(0));
  EXPECT_NE(message.find("has no 'cuGraphLaunch'; it may be too old"),
            std::string::npos)
      << message;
}

TEST_F(CUDA, RefusesOldDriversAndMissingGPUs) {
  set("FAKE_CUDA_VERSION", "11040");
  EXPECT_EQ(messageOf(createCUDADevice(0)),
            "the CUDA driver is for CUDA 11.4, but 11.8 or newer is needed: "
            "install a newer NVIDIA driver");
  set("FAKE_CUDA_VERSION", "12040");
  set("FAKE_CUDA_DEVICES", "2");
  EXPECT_EQ(messageOf(createCUDADevice(2)),
            "there is no GPU 2: the driver has 2, counted from 0");
  auto second = cantFail(createCUDADevice(1));
  EXPECT_EQ(second->getName(), "cuda:1");
  second.reset();
  set("FAKE_CUDA_DEVICES", "0");
  EXPECT_EQ(messageOf(createCUDADevice(0)),
            "the CUDA driver finds no GPU: CUDA_ERROR_NO_DEVICE (as the fake "
            "driver says)");
}

TEST_F(CUDA, FailuresAtTheStartAreClean) {
  for (const char *function :
       {"cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName",
        "cuDeviceGetAttribute", "cuDevicePrimaryCtxRetain", "cuMemPoolCreate",
        "cuMemPoolSetAttribute"}) {
    fakeCUDAReset();
    set("FAKE_CUDA_FAIL", function + std::string(":1:1"));
    EXPECT_EQ(messageOf(createCUDADevice(0)),
              function + std::string(" failed: CUDA_ERROR_INVALID_VALUE (as "
                                     "the fake driver says)"));
    EXPECT_EQ(fakeCUDALiveObjects(), objectsBefore) << function;
  }
  set("FAKE_CUDA_FAIL", "cuInit:1:12345");
  fakeCUDAReset();
  EXPECT_EQ(messageOf(createCUDADevice(0)), "cuInit failed: error 12345");
}

TEST_F(CUDA, SaysWhatItIsAndWhatItRuns) {
  set("FAKE_CUDA_CAPABILITY", "90");
  auto device = open();
  EXPECT_EQ(device->getName(), "cuda:0");
  EXPECT_EQ(device->getDescription(), "Fake GPU (sm_90)");
  EXPECT_EQ(device->getSpec().chip, "sm_90");
  auto runs = [&](const char *chip, const char *format) {
    return !errorToBool(device->checkRuns({DeviceKind::NVVM, chip, format}));
  };
  EXPECT_TRUE(runs("sm_90", "isa"));
  EXPECT_TRUE(runs("sm_90a", "fatbin"));
  EXPECT_TRUE(runs("sm_80", "isa"));
  EXPECT_FALSE(runs("sm_80", "bin"));
  EXPECT_FALSE(runs("sm_80a", "isa"));
  EXPECT_FALSE(runs("sm_100", "isa"));
  EXPECT_FALSE(runs("gfx942", "isa"));
  EXPECT_EQ(messageOf(device->checkRuns({DeviceKind::NVVM, "sm_100", "isa"})),
            "the module's kernels are for 'sm_100', which cuda:0, Fake GPU "
            "(sm_90), does not run");
  EXPECT_EQ(messageOf(device->checkRuns({DeviceKind::NVVM, "sm_90", "llvm"})),
            "the module's kernels are LLVM bitcode, which only the emulator "
            "runs");
  set("FAKE_CUDA_CAPABILITY", "89");
  auto older = open();
  EXPECT_FALSE(
      errorToBool(older->checkRuns({DeviceKind::NVVM, "sm_86", "bin"})));
}

TEST_F(CUDA, NewerGPUsThanThePipelineKnowsRunOlderCode) {
  for (auto [capability, chip] : {std::pair("80", "sm_80"),
                                  {"86", "sm_86"},
                                  {"88", "sm_87"},
                                  {"101", "sm_100"},
                                  {"110", "sm_103"},
                                  {"121", "sm_120"},
                                  {"999", "sm_120"}}) {
    set("FAKE_CUDA_CAPABILITY", capability);
    auto device = open();
    DeviceSpec spec = device->getSpec();
    EXPECT_EQ(spec.chip, chip);
    EXPECT_EQ(messageOf(resolveDevice(spec)), "success");
    EXPECT_EQ(messageOf(device->checkRuns(spec)), "success");
  }
}

TEST_F(CUDA, RefusesGPUsOlderThanAllKernels) {
  set("FAKE_CUDA_CAPABILITY", "75");
  EXPECT_EQ(
      messageOf(createCUDADevice(0)),
      "cuda:0, Fake GPU, cannot be used: sm_75 is older than sm_80, which "
      "kernels are compiled for at least");
}

//===----------------------------------------------------------------------===//
// Memory and copies
//===----------------------------------------------------------------------===//

/// The functions of a device without their messages' buffers.
struct Plain {
  explicit Plain(const Device &device) : device(device.getInterface()) {}

  std::string allocate(uint64_t bytes, void *&pointer) {
    return say(device.allocate(device.context, bytes, &pointer, message,
                               sizeof(message)));
  }
  std::string release(void *pointer) {
    return say(
        device.release(device.context, pointer, message, sizeof(message)));
  }
  std::string copy(void *to, const void *from, uint64_t bytes) {
    return say(
        device.copy(device.context, to, from, bytes, message, sizeof(message)));
  }
  std::string multiply(const seednorm_rt_gemm_arguments &arguments) {
    return say(
        device.gemm(device.context, &arguments, message, sizeof(message)));
  }
  std::string synchronize() {
    return say(device.synchronize(device.context, message, sizeof(message)));
  }
  std::string say(int32_t failed) { return failed ? message : ""; }

  const seednorm_rt_device &device;
  char message[512];
};

TEST_F(CUDA, OutOfMemorySaysHowMuch) {
  set("FAKE_CUDA_MEMORY", "4096");
  auto device = open();
  Plain plain(*device);
  void *kept, *empty, *pointer = nullptr;
  EXPECT_EQ(plain.allocate(1000, kept), "");
  EXPECT_EQ(plain.allocate(0, empty), "");
  EXPECT_EQ(plain.allocate(4000, pointer),
            "out of memory on cuda:0: a buffer of 4000 bytes, but 3095 of 4096 "
            "are free");
  EXPECT_EQ(pointer, nullptr);
  EXPECT_EQ(plain.allocate(3000, pointer), "");
  EXPECT_EQ(plain.release(pointer), "");
  // The pool keeps 3000 bytes, which a smaller buffer cannot have until they
  // are given back.
  EXPECT_EQ(plain.allocate(2000, pointer), "");
  EXPECT_EQ(calls("cuMemPoolTrimTo"), 2);
  for (void *block : {kept, empty, pointer})
    EXPECT_EQ(plain.release(block), "");
  // Nobody else's context was left behind.
  size_t free, total;
  EXPECT_EQ(cuMemGetInfo_v2(&free, &total), 201);
}

TEST_F(CUDA, RunsWithoutMemoryPools) {
  set("FAKE_CUDA_NO_POOLS", "1");
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right");
  EXPECT_EQ(calls("cuMemPoolCreate") + calls("cuMemAllocFromPoolAsync") +
                calls("cuMemFreeAsync"),
            0);
  EXPECT_GT(calls("cuMemAlloc_v2"), 0);
  set("FAKE_CUDA_MEMORY", "18");
  EXPECT_EQ(messageOf(module->run(
                "matmul", {makeTensor({1, 1}, {1}), makeTensor({1, 1}, {1})})),
            "input 'a' of entry 'matmul': out of memory on cuda:0: a buffer of "
            "4 bytes, but 2 of 18 are free");
}

TEST_F(CUDA, KeepsAsMuchFreeMemoryAsItIsTold) {
  open();
  EXPECT_STREQ(fakeCUDALog(), "pool keeps 18446744073709551615\n");
  for (auto [text, kept] : {std::pair("3", "3145728"),
                            {"0", "0"},
                            {"many", "18446744073709551615"},
                            {"99999999999999999", "18446744073709551615"}}) {
    fakeCUDAReset();
    set("SEEDNORM_CUDA_POOL_MAX_MB", text);
    open();
    EXPECT_EQ(fakeCUDALog(), "pool keeps " + std::string(kept) + "\n");
  }
}

TEST_F(CUDA, CopiesAreDoneWithHostMemoryOnReturn) {
  auto device = open();
  Plain plain(*device);
  void *first, *second;
  ASSERT_EQ(plain.allocate(4, first), "");
  ASSERT_EQ(plain.allocate(4, second), "");
  for (auto [pinned, late] :
       {std::pair(false, false), {true, false}, {false, true}}) {
    char text[4] = {'a', 'b', late ? 'C' : 'c', char('0' + pinned)};
    char back[4] = {};
    set("FAKE_CUDA_LATE_COPIES", late ? "1" : "0");
    fakeCUDAPin(pinned ? text : nullptr, 4);
    EXPECT_EQ(plain.copy(first, text, 4), "");
    std::memset(text, 0, 4);
    EXPECT_EQ(plain.copy(second, first, 4), "");
    fakeCUDAPin(pinned ? back : nullptr, 4);
    EXPECT_EQ(plain.copy(back, second, 4), "");
    EXPECT_EQ(std::string(back, 4), pinned ? "abc1" : late ? "abC0" : "abc0");
  }
  // From one buffer to another nobody waits.
  int waits = calls("cuStreamSynchronize");
  EXPECT_EQ(plain.copy(second, first, 4), "");
  EXPECT_EQ(calls("cuStreamSynchronize"), waits);
  EXPECT_EQ(plain.release(first), "");
  EXPECT_EQ(plain.release(second), "");
}

TEST_F(CUDA, RunsAreDoneWithHostMemoryOnReturn) {
  set("FAKE_CUDA_LATE_COPIES", "1");
  auto device = open();
  auto module = load(device);
  {
    Safetensors weights = makeWeights({1, 2, 3, 4});
    cantFail(module->bindParameters(weights));
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right");
    // Strides that the result is copied by.
    SEEDNORM_ASSERT_VALUE(
        sum, module->run("transpose", {makeTensor({1, 2}, {double(i), 1})}));
    EXPECT_EQ(sum[0].toDoubles(), (Doubles{10.0 + i, 21}));
  }
}

TEST_F(CUDA, ThreadsThatEndLeaveTheirStreams) {
  auto device = open();
  for (int i = 0; i < 5; ++i)
    std::thread([&] { EXPECT_EQ(Plain(*device).synchronize(), ""); }).join();
  EXPECT_EQ(calls("cuStreamCreate"), 1);
  // A device may also go before the thread.
  EXPECT_EQ(Plain(*device).synchronize(), "");
  device.reset();
  EXPECT_EQ(fakeCUDALiveObjects(), objectsBefore);
  device = open();
  set("FAKE_CUDA_FAIL", "cuStreamCreate:2:1");
  EXPECT_EQ(Plain(*device).synchronize().rfind("cuStreamCreate failed", 0), 0u);
  EXPECT_EQ(Plain(*device).synchronize(), "");
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

TEST_F(CUDA, LaunchesAsTheModuleSays) {
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({5, 6, 7, 8})));
  fakeCUDAReset();
  EXPECT_EQ(runScale(*module, 9, {5, 6, 7, 8}), "right");
  EXPECT_STREQ(fakeCUDALog(),
               "launch copy grid 1x1x1 block 64x2x1 shared 0\n"
               "launch scale grid 2x1x1 block 64x2x1 shared 100000 clusters "
               "2x1x1 dependent\n");
  EXPECT_EQ(runScale(*module, 8, {5, 6, 7, 8}), "right");
  EXPECT_EQ(calls("cuFuncSetAttribute"), 1);
}

TEST_F(CUDA, LaunchesEarlyOnlyWhereTheGPUCan) {
  set("FAKE_CUDA_CAPABILITY", "89");
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 1, 1, 1})));
  EXPECT_EQ(runScale(*module, 9, {1, 1, 1, 1}), "right");
  EXPECT_EQ(std::string(fakeCUDALog()).find("dependent"), std::string::npos);
  set("FAKE_CUDA_NO_CLUSTERS", "1");
  auto lesser = open();
  ASSERT_FALSE(bool(module->setDevice(lesser)));
  EXPECT_EQ(runScale(*module, 9, {1, 1, 1, 1}),
            "entry 'scale' failed: kernel 'scale': it needs clusters of CTAs, "
            "which Fake GPU (sm_89) does not have");
}

TEST_F(CUDA, LoadsEachBinaryOnce) {
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i)
        EXPECT_EQ(runScale(*module, t * 100 + i, {1, 2, 3, 4}), "right");
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(calls("cuModuleLoadDataEx"), 1);
  EXPECT_EQ(calls("cuModuleGetFunction"), 2);
  // It goes with the module, whose address may be another's then.
  module.reset();
  EXPECT_EQ(calls("cuModuleUnload"), 1);
  module = load(device);
  EXPECT_EQ(messageOf(module->run("crash", {makeTensor({0}, {})}))
                .rfind("entry 'crash' failed: running on cuda:0 failed: "
                       "CUDA_ERROR_ASSERT",
                       0),
            0u);
  EXPECT_EQ(calls("cuModuleLoadDataEx"), 2);
}

TEST_F(CUDA, ALostContextIsNamed) {
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({2}, {1, 2});
  const char *expected =
      "entry 'crash' failed: running on cuda:0 failed: CUDA_ERROR_ASSERT (as "
      "the fake driver says): an index check of the model failed, as for an "
      "index beyond a table; the GPU runs nothing more in this process";
  EXPECT_EQ(messageOf(module->run("crash", {x})), expected);
  EXPECT_NE(messageOf(module->run("crash", {x})).find("nothing more"),
            std::string::npos);
}

TEST_F(CUDA, FailuresThatLoseTheContextSayThatNothingMoreRuns) {
  auto device = open();
  for (auto [result, lost] : {std::pair("214", true),
                              {"220", true},
                              {"700", true},
                              {"702", true},
                              {"714", true},
                              {"719", true},
                              {"1", false},
                              {"218", false}}) {
    fakeCUDAReset();
    set("FAKE_CUDA_FAIL", std::string("cuStreamSynchronize:1:") + result);
    std::string message = Plain(*device).synchronize();
    EXPECT_EQ(message.find("; the GPU runs nothing more in this process") !=
                  std::string::npos,
              lost)
        << message;
  }
}

TEST_F(CUDA, NothingRunsAfterAFailedCall) {
  set("SEEDNORM_CUDA_GRAPHS", "0");
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
  // The second of two kernels.
  set("FAKE_CUDA_FAIL", "cuLaunchKernelEx:2:1");
  EXPECT_NE(runScale(*module, 1, {1, 2, 3, 4}).find("kernel 'scale'"),
            std::string::npos);
  EXPECT_EQ(fakeCUDAKernelsRun(), 1);
  EXPECT_EQ(runScale(*module, 1, {1, 2, 3, 4}), "right");
}

TEST_F(CUDA, TellsWhatTheDriversCompilerSays) {
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({2}, {1, 2});
  EXPECT_EQ(
      messageOf(module->run("broken", {x})),
      "entry 'broken' failed: kernel 'copy': cannot load the kernels: "
      "CUDA_ERROR_INVALID_PTX (as the fake driver says): ptxas application ptx "
      "input, line 1; error   : it is broken; ptxas fatal   : Ptx assembly "
      "aborted");
  EXPECT_EQ(messageOf(module->run("unknown", {x})),
            "entry 'unknown' failed: kernel 'no_such_kernel': "
            "cuModuleGetFunction failed: CUDA_ERROR_NOT_FOUND (as the fake "
            "driver says)");
  // The third load is the recording's.
  set("FAKE_CUDA_FAIL", "cuModuleLoadDataEx:4:209");
  EXPECT_EQ(messageOf(module->run("broken", {x})),
            "entry 'broken' failed: kernel 'copy': cannot load the kernels: "
            "CUDA_ERROR_NO_BINARY_FOR_GPU (as the fake driver says): they are "
            "for another GPU than sm_90");
}

TEST_F(CUDA, KnowsBinariesByTheirFirstBytes) {
  auto device = open();
  const seednorm_rt_device &d = device->getInterface();
  auto launch = [&](StringRef binary, uint32_t sharedBytes) -> std::string {
    float x = 0, *address = &x;
    int64_t n = 0;
    void *arguments[] = {&address, &address, &n};
    struct seednorm_rt_launch launch = {};
    launch.binary = binary.data();
    launch.binary_bytes = binary.size();
    launch.kernel = "copy";
    for (int i = 0; i < 3; ++i)
      launch.grid[i] = launch.block[i] = launch.cluster[i] = i + 1;
    launch.shared_bytes = sharedBytes;
    launch.cluster[1] = launch.cluster[2] = 1;
    launch.arguments = arguments;
    char message[512] = "";
    d.launch(d.context, &launch, message, sizeof(message));
    d.unload(d.context, binary.data());
    return message;
  };
  EXPECT_EQ(launch("BC\xC0\xDE rest", 0),
            "the kernels are LLVM bitcode, which only the emulator runs");
  EXPECT_EQ(launch("\x7F"
                   "ELF rest",
                   0),
            "cannot load the kernels: CUDA_ERROR_NO_BINARY_FOR_GPU (as the "
            "fake driver says): they are for another GPU than sm_90");
  EXPECT_EQ(launch("// PTX: fake kernels", 10000), "");
  // Text of a length of its own.
  EXPECT_EQ(launch(StringRef("// PTX: fake kernels beyond").take_front(20), 0),
            "");
  // Allowed by itself, but not beside what the kernel has.
  set("FAKE_CUDA_STATIC_SHARED", "40000");
  int sets = calls("cuFuncSetAttribute");
  EXPECT_EQ(launch("// PTX: fake kernels", 9152), "");
  EXPECT_EQ(calls("cuFuncSetAttribute"), sets);
  EXPECT_EQ(launch("// PTX: fake kernels", 9153), "");
  EXPECT_EQ(calls("cuFuncSetAttribute"), sets + 1);
  set("FAKE_CUDA_STATIC_SHARED", "0");
  EXPECT_EQ(launch("// PTX: fake kernels", 300000),
            "setting 300000 bytes of shared memory failed: "
            "CUDA_ERROR_INVALID_VALUE (as the fake driver says)");
  set("FAKE_CUDA_FAIL", "cuLaunchKernelEx:5:1");
  EXPECT_EQ(launch("// PTX: fake kernels", 5),
            "launching 1x2x3 CTAs of 1x2x3 threads, in clusters of 1x1x1, with "
            "5 bytes of shared memory failed: CUDA_ERROR_INVALID_VALUE (as the "
            "fake driver says)");
  EXPECT_EQ(Plain(*device).synchronize(), "");
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

TEST_F(CUDA, ReplaysWhatHasRunTwice) {
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
  EXPECT_EQ(runScale(*module, 1, {1, 2, 3, 4}), "right");
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 0);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right");
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 1);
  EXPECT_EQ(calls("cuGraphLaunch"), 5);
  // Two kernels run plainly and two are captured.
  EXPECT_EQ(calls("cuLaunchKernelEx"), 4);

  // Other shapes are other graphs, in the same memory.
  Tensor two = makeTensor({2, 4}, {1, 1, 1, 1, 2, 2, 2, 2});
  for (int i = 0; i < 3; ++i) {
    SEEDNORM_ASSERT_VALUE(results, module->run("scale", {two}));
    EXPECT_EQ(results[0].toDoubles(), (Doubles{1, 2, 3, 4, 2, 4, 6, 8}));
    EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right");
  }
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 2);

  // New weights are other addresses.
  cantFail(module->bindParameters(makeWeights({4, 3, 2, 1})));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(runScale(*module, i, {4, 3, 2, 1}), "right");
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 3);
}

TEST_F(CUDA, ReplaysConstantsProductsAndStridedResults) {
  set("FAKE_CUDA_WORKSPACE", "1000");
  auto device = open();
  auto module = load(device);
  for (int i = 0; i < 4; ++i) {
    Tensor x = makeTensor({1, 2}, {double(i), 1});
    SEEDNORM_ASSERT_VALUE(sum, module->run("transpose", {x}));
    EXPECT_EQ(sum[0].toDoubles(), (Doubles{10.0 + i, 21}));
    SEEDNORM_ASSERT_VALUE(product, module->run("matmul", {sum[0], x}));
    EXPECT_EQ(product[0].toDoubles(),
              (Doubles{(10.0 + i) * i, 10.0 + i, 21.0 * i, 21}));
  }
  EXPECT_EQ(calls("cuGraphLaunch"), 6);
  EXPECT_EQ(calls("cublasLtMatmul"), 2);
}

TEST_F(CUDA, RecordingsShareMemory) {
  auto device = open();
  auto module = load(device);
  auto runTwice = [&](int64_t rows) {
    Tensor x = makeTensor({rows, 4}, Doubles(rows * 4, 1));
    for (int i = 0; i < 2; ++i)
      cantFail(module->run("transpose", {x}));
    return calls("cuMemAlloc_v2");
  };
  // The input, and one buffer for the result and the one freed before it.
  EXPECT_EQ(runTwice(1000), 2);
  EXPECT_EQ(runTwice(990), 2);
  EXPECT_EQ(runTwice(2010), 4);
  EXPECT_EQ(calls("cuGraphLaunch"), 3);
}

TEST_F(CUDA, GraphsCanBeTurnedOff) {
  set("SEEDNORM_CUDA_GRAPHS", "0");
  auto device = open();
  auto module = load(device);
  cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right");
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 0);
}

TEST_F(CUDA, WhatCannotBeRecordedRunsPlainly) {
  for (auto [failure, replays] :
       {std::pair("cuStreamBeginCapture_v2:1:900", 0),
        {"cuStreamEndCapture:1:901", 0},
        {"cuGraphInstantiateWithFlags:1:801", 0},
        {"cuGraphLaunch:1:2", 1},
        // In the capture: the input's buffer, and the second kernel.
        {"cuMemAlloc_v2:1:2", 0},
        {"cuLaunchKernelEx:4:1", 0}}) {
    fakeCUDAReset();
    set("FAKE_CUDA_FAIL", failure);
    auto device = open();
    auto module = load(device);
    cantFail(module->bindParameters(makeWeights({1, 2, 3, 4})));
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(runScale(*module, i, {1, 2, 3, 4}), "right") << failure;
    EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 1) << failure;
    EXPECT_EQ(calls("cuGraphLaunch"), replays) << failure;
  }
}

TEST_F(CUDA, FailingEntriesFailTheSameRecorded) {
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({2}, {1, 2});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(messageOf(module->run("refuse", {x})),
              "entry 'refuse' failed: refused on purpose");
  // A copy to the device for the first time while recording.
  set("FAKE_CUDA_FAIL",
      "cuMemcpyAsync:" + std::to_string(calls("cuMemcpyAsync") + 2) + ":1");
  Tensor y = makeTensor({1, 1}, {1});
  EXPECT_EQ(messageOf(module->run("transpose", {y}))
                .rfind("entry 'transpose' failed: a constant of 16 bytes: "
                       "cuMemcpyAsync failed",
                       0),
            0u);
  for (int i = 0; i < 3; ++i) {
    SEEDNORM_ASSERT_VALUE(sum, module->run("transpose", {y}));
    EXPECT_EQ(sum[0].toDoubles(), (Doubles{11}));
  }
}

TEST_F(CUDA, RecordingsMakeRoomForLargerRuns) {
  set("FAKE_CUDA_MEMORY", "20000");
  auto device = open();
  auto module = load(device);
  auto run = [&](int64_t rows) {
    Tensor x = makeTensor({rows, 1}, Doubles(rows, 2));
    auto results = module->run("matmul", {x, makeTensor({1, 1}, {3})});
    return results ? (*results)[0].toDoubles() == Doubles(rows, 6)
                         ? std::string("right")
                         : "wrong"
                   : toString(results.takeError());
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(run(1000), "right");
  EXPECT_EQ(calls("cuGraphLaunch"), 2);
  EXPECT_EQ(run(2000), "right");
  EXPECT_EQ(run(3000),
            "entry 'matmul' failed: out of memory on cuda:0: a buffer of 12000 "
            "bytes, but 7996 of 20000 are free");
}

TEST_F(CUDA, RecordingsThatFailKeepNoMemory) {
  // For the input and one buffer, where a recording needs a second one.
  set("FAKE_CUDA_MEMORY", "10000");
  auto device = open();
  auto module = load(device);
  Doubles ones(32 * 32, 1);
  size_t bytes = 0;
  for (int i = 0; i < 6; ++i) {
    SEEDNORM_ASSERT_VALUE(
        sum, module->run("transpose", {makeTensor({32, 32}, ones)}));
    EXPECT_EQ(sum[0].toDoubles()[0], 11);
    // The constant.
    bytes = i ? bytes : fakeCUDALiveBytes();
    EXPECT_EQ(fakeCUDALiveBytes(), bytes);
  }
  EXPECT_EQ(calls("cuStreamBeginCapture_v2"), 1);
  EXPECT_EQ(calls("cuGraphLaunch"), 0);

  // What an earlier recording has stays.
  SEEDNORM_ASSERT_VALUE(
      first, module->run("matmul",
                         {makeTensor({1, 1}, {2}), makeTensor({1, 1}, {3})}));
  for (int i = 0; i < 3; ++i) {
    SEEDNORM_ASSERT_VALUE(
        next, module->run("matmul",
                          {makeTensor({1, 1}, {2}), makeTensor({1, 1}, {3})}));
    EXPECT_EQ(next[0].toDoubles(), first[0].toDoubles());
    EXPECT_EQ(fakeCUDALiveBytes(), bytes + 3 * 256);
    for (int64_t rows : {30, 30}) {
      Tensor x = makeTensor({rows, 32}, ArrayRef(ones).take_front(rows * 32));
      SEEDNORM_ASSERT_VALUE(sum, module->run("transpose", {x}));
      EXPECT_EQ(sum[0].toDoubles()[0], 11);
    }
  }
}

TEST_F(CUDA, RecordingsMakeRoomForCublasLt) {
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({1, 1}, {3}), y = makeTensor({1, 2}, {1, 2});
  for (int i = 0; i < 2; ++i)
    cantFail(module->run("matmul", {x, x}));
  set("FAKE_CUDA_FAIL",
      "cublasLtMatmul:" + std::to_string(calls("cublasLtMatmul") + 1) + ":3");
  SEEDNORM_ASSERT_VALUE(product, module->run("matmul", {x, y}));
  EXPECT_EQ(product[0].toDoubles(), (Doubles{3, 6}));
  set("FAKE_CUDA_FAIL",
      "cublasLtMatmul:" + std::to_string(calls("cublasLtMatmul") + 1) + ":3");
  // Nothing is recorded any more.
  EXPECT_EQ(messageOf(module->run("matmul", {x, x})),
            "entry 'matmul' failed: matrix product of 1 x 1x1 by 1x1: "
            "cublasLtMatmul failed: out of memory: CUBLAS_STATUS_ALLOC_FAILED");
}

TEST_F(CUDA, MemoryOfLostRecordingsMakesRoomToo) {
  set("FAKE_CUDA_MEMORY", "20000");
  set("FAKE_CUDA_FAIL", "cuGraphLaunch:1:1");
  auto device = open();
  auto module = load(device);
  for (int64_t rows : {1000, 1000, 2000}) {
    Tensor x = makeTensor({rows, 1}, Doubles(rows, 2));
    SEEDNORM_ASSERT_VALUE(product,
                          module->run("matmul", {x, makeTensor({1, 1}, {3})}));
    EXPECT_EQ(product[0].toDoubles(), Doubles(rows, 6));
  }
  EXPECT_EQ(calls("cuGraphLaunch"), 1);
}

TEST_F(CUDA, TerabytesAreRefusedAndTheNextRunIsFine) {
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({2}, {1, 2});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(messageOf(module->run("huge", {x}))
                  .rfind("entry 'huge' failed: out of memory on cuda:0: a "
                         "buffer of 1099511627776 bytes, but ",
                         0),
              0u);
  SEEDNORM_ASSERT_VALUE(sum,
                        module->run("transpose", {makeTensor({1, 1}, {1})}));
  EXPECT_EQ(sum[0].toDoubles(), (Doubles{11}));
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// Where the elements of a batch of matrices are.
struct Layout {
  int64_t rows, columns, batch;
  int64_t batchStride, rowStride, columnStride;

  int64_t getSpan() const {
    return (batch - 1) * batchStride + (rows - 1) * rowStride +
           (columns - 1) * columnStride + 1;
  }
  int64_t at(int64_t i, int64_t row, int64_t column) const {
    return i * batchStride + row * rowStride + column * columnStride;
  }
};

/// A device's copy of small integers.
struct Operand {
  Operand(Plain &plain, DType dtype, const Layout &layout, int64_t offset)
      : plain(plain), dtype(dtype), layout(layout), offset(offset),
        values(offset + layout.getSpan()) {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = int(i * 7 % 5) - 2;
    host =
        cantFail(Tensor::fromDoubles(dtype, {int64_t(values.size())}, values));
    EXPECT_EQ(plain.allocate(host.getByteSize(), memory), "");
    EXPECT_EQ(plain.copy(memory, host.getData(), host.getByteSize()), "");
  }
  ~Operand() { EXPECT_EQ(plain.release(memory), ""); }

  void *getData() const {
    return static_cast<char *>(memory) + offset * getElementSize(dtype);
  }
  Doubles fetch() {
    EXPECT_EQ(plain.copy(host.getData(), memory, host.getByteSize()), "");
    return host.toDoubles();
  }

  Plain &plain;
  DType dtype;
  Layout layout;
  int64_t offset;
  Doubles values;
  Tensor host;
  void *memory;
};

int32_t getCode(DType dtype) {
  return dtype == DType::F32    ? SEEDNORM_RT_F32
         : dtype == DType::BF16 ? SEEDNORM_RT_BF16
                                : SEEDNORM_RT_F16;
}

/// Compares the product with sums by the definition; also what lies between the
/// elements of C.
std::string tryProduct(Plain &plain, DType dtype, const Layout &a,
                       const Layout &b, const Layout &c, bool accumulate,
                       int64_t offset = 0) {
  Operand first(plain, dtype, a, offset), second(plain, dtype, b, offset),
      result(plain, dtype, c, offset);
  Doubles expected = result.values;
  for (int64_t i = 0; i < c.batch; ++i)
    for (int64_t row = 0; row < c.rows; ++row)
      for (int64_t column = 0; column < c.columns; ++column) {
        double &sum = expected[offset + c.at(i, row, column)];
        sum = accumulate ? sum : 0;
        for (int64_t k = 0; k < a.columns; ++k)
          sum += first.values[offset + a.at(i, row, k)] *
                 second.values[offset + b.at(i, k, column)];
      }
  seednorm_rt_gemm_arguments arguments = {
      getCode(dtype), accumulate,     c.batch,          c.rows,
      c.columns,      a.columns,      first.getData(),  a.batchStride,
      a.rowStride,    a.columnStride, second.getData(), b.batchStride,
      b.rowStride,    b.columnStride, result.getData(), c.batchStride,
      c.rowStride,    c.columnStride};
  std::string message = plain.multiply(arguments);
  if (!message.empty())
    return message;
  return result.fetch() == expected ? "right" : "wrong";
}

/// Rows or columns side by side, with or without gaps between.
std::vector<Layout> makeLayouts(int64_t rows, int64_t columns, int64_t batch) {
  std::vector<Layout> layouts;
  for (int64_t gap : {0, 3}) {
    int64_t row = columns + gap, column = rows + gap;
    layouts.push_back({rows, columns, batch, rows * row + gap, row, 1});
    layouts.push_back(
        {rows, columns, batch, columns * column + gap, 1, column});
    // All matrices interleaved.
    layouts.push_back({rows, columns, batch, columns, batch * columns, 1});
  }
  return layouts;
}

TEST_F(CUDA, MultipliesEveryLayout) {
  set("FAKE_CUDA_WORKSPACE", "1000");
  auto device = open();
  Plain plain(*device);
  for (DType dtype : {DType::F32, DType::BF16, DType::F16})
    for (auto [m, n, k] : {std::array<int64_t, 3>{3, 4, 5},
                           {1, 4, 5},
                           {3, 1, 5},
                           {3, 4, 1},
                           {1, 1, 1}})
      for (int64_t batch : {1, 2})
        for (const Layout &a : makeLayouts(m, k, batch))
          for (const Layout &b : makeLayouts(k, n, batch))
            for (const Layout &c : makeLayouts(m, n, batch))
              for (bool accumulate : {false, true})
                ASSERT_EQ(tryProduct(plain, dtype, a, b, c, accumulate),
                          "right")
                    << "m " << m << " n " << n << " k " << k << " a ("
                    << a.rowStride << ", " << a.columnStride << ") b ("
                    << b.rowStride << ", " << b.columnStride << ") c ("
                    << c.rowStride << ", " << c.columnStride << ")";
}

TEST_F(CUDA, MultipliesOneMatrixByMany) {
  auto device = open();
  Plain plain(*device);
  Layout a = {2, 3, 4, 6, 3, 1}, b = {3, 2, 4, 0, 2, 1}, c = {2, 2, 4, 4, 2, 1};
  EXPECT_EQ(tryProduct(plain, DType::F32, a, b, c, false), "right");
  EXPECT_EQ(tryProduct(plain, DType::F32, a, b, c, true), "right");
  // An offset is an alignment of its own.
  fakeCUDAReset();
  EXPECT_EQ(tryProduct(plain, DType::F32, a, b, c, true, /*offset=*/1),
            "right");
  EXPECT_STREQ(fakeCUDALog(), "choose 2x2 alignments 4 4 4\n");
  EXPECT_EQ(tryProduct(plain, DType::F32, a, b, c, true, /*offset=*/1),
            "right");
  EXPECT_EQ(calls("cublasLtMatmulAlgoGetHeuristic"), 1);
}

TEST_F(CUDA, ProductsWithoutTermsAreZero) {
  auto device = open();
  Plain plain(*device);
  // Spans of one element, so that there is something to point at.
  Layout a = {2, 0, 2, 1, 1, 1}, b = {0, 3, 2, 3, 1, 1}, c = {2, 3, 2, 8, 4, 1};
  EXPECT_EQ(tryProduct(plain, DType::F32, a, b, c, false), "right");
  EXPECT_EQ(tryProduct(plain, DType::BF16, a, b, c, true), "right");
  EXPECT_EQ(calls("cublasLtCreate"), 0);
}

TEST_F(CUDA, RefusesStridesThatCublasLtDoesNotTake) {
  auto device = open();
  Plain plain(*device);
  Layout good = {2, 2, 1, 4, 2, 1}, both = {2, 2, 1, 8, 4, 2},
         repeated = {2, 2, 1, 2, 0, 1};
  EXPECT_EQ(tryProduct(plain, DType::F32, both, good, good, false),
            "matrix A has strides (4, 2) for 2x2, but cuBLASLt takes matrices "
            "with adjacent elements in rows or columns that do not overlap");
  EXPECT_EQ(tryProduct(plain, DType::F32, good, repeated, good, false)
                .rfind("matrix B has strides (0, 1)", 0),
            0u);
  EXPECT_EQ(tryProduct(plain, DType::F32, good, good, both, false)
                .rfind("matrix C has strides (4, 2)", 0),
            0u);
}

TEST_F(CUDA, RefusesMoreMatricesThanCublasLtCounts) {
  auto device = open();
  Plain plain(*device);
  float x = 0;
  int64_t batch = (int64_t(1) << 32) + 1;
  EXPECT_EQ(plain.multiply({SEEDNORM_RT_F32, 0, batch, 1, 1, 1, &x, 0, 1, 1, &x,
                            0, 1, 1, &x, 0, 1, 1}),
            "there are 4294967297 matrices, but cuBLASLt takes 2147483647 at "
            "most");
}

TEST_F(CUDA, TF32IsByRequest) {
  auto device = open();
  Plain plain(*device);
  Layout square = {2, 2, 1, 4, 2, 1}, wide = {2, 3, 1, 6, 3, 1};
  EXPECT_EQ(tryProduct(plain, DType::F32, square, square, square, false),
            "right");
  EXPECT_EQ(std::string(fakeCUDALog()).find("tf32"), std::string::npos);
  set("SEEDNORM_CUDA_TF32", "1");
  EXPECT_EQ(tryProduct(plain, DType::F32, square, wide, wide, false), "right");
  EXPECT_NE(std::string(fakeCUDALog()).find("tf32"), std::string::npos);
}

TEST_F(CUDA, WithoutCublasLtTheFirstProductFails) {
  set("SEEDNORM_LIBCUBLASLT", "/nowhere/libcublasLt.so");
  auto device = open();
  auto module = load(device);
  Tensor x = makeTensor({1, 1}, {3});
  SEEDNORM_ASSERT_VALUE(sum, module->run("transpose", {x}));
  EXPECT_EQ(sum[0].toDoubles(), (Doubles{13}));
  std::string message = messageOf(module->run("matmul", {x, x}));
  EXPECT_EQ(message.rfind("entry 'matmul' failed: matrix product of 1 x 1x1 by "
                          "1x1: no cuBLASLt, which multiplies matrices: cannot "
                          "load '/nowhere/libcublasLt.so': ",
                          0),
            0u)
      << message;
  // It may be installed meanwhile.
  set("SEEDNORM_LIBCUBLASLT", SEEDNORM_FAKE_CUDA);
  SEEDNORM_ASSERT_VALUE(product, module->run("matmul", {x, x}));
  EXPECT_EQ(product[0].toDoubles(), (Doubles{9}));
}

TEST_F(CUDA, CublasLtIsNotNewerThanTheDriver) {
  auto join = [](int version) {
    return llvm::join(cuda::CublasLt::getNames(version), " ");
  };
  EXPECT_EQ(join(11080), "libcublasLt.so.12");
  EXPECT_EQ(join(12090), "libcublasLt.so.12");
  EXPECT_EQ(join(13000), "libcublasLt.so.13 libcublasLt.so.12");
  EXPECT_EQ(join(14010), "libcublasLt.so.13 libcublasLt.so.12");
}

TEST_F(CUDA, FailuresOfCublasLtAreNamed) {
  auto device = open();
  Plain plain(*device);
  Layout square = {2, 2, 1, 4, 2, 1};
  auto multiply = [&](const char *failure) {
    fakeCUDAReset();
    set("FAKE_CUDA_FAIL", failure);
    return tryProduct(plain, DType::F32, square, square, square, false);
  };
  EXPECT_EQ(multiply("cublasLtCreate:1:1"),
            "cublasLtCreate failed: CUBLAS_STATUS_INTERNAL_ERROR");
  EXPECT_EQ(multiply("cublasLtMatmulAlgoGetHeuristic:1:1"),
            "cuBLASLt has no algorithm for it");
  EXPECT_EQ(multiply("cublasLtMatmul:1:1"),
            "cublasLtMatmul failed: CUBLAS_STATUS_INTERNAL_ERROR");
  EXPECT_EQ(multiply("none:1:1"), "right");
}

} // namespace
