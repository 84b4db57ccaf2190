//===- FakeDriver.cpp - A CUDA driver for tests ---------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Device memory is the host's, and kernels run on the host, as late as the
// driver may run them: what was not waited for has not happened. Freed memory
// is overwritten.
//
//===----------------------------------------------------------------------===//

#include "../FakeKernels.h"
#include "FakeCUDA.h"
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>

using namespace seednorm::cuda;
using namespace seednorm::testing;

namespace seednorm::cuda {
struct ContextObject {};
struct FunctionObject {
  const FakeKernel *kernel;
  int staticBytes = int(fake::getNumber("FAKE_CUDA_STATIC_SHARED", 0));
  int sharedBytes = (48 << 10) - staticBytes, clusterSize = 8;
};
struct ModuleObject {
  std::map<std::string, FunctionObject> functions;
};
struct GraphObject {
  std::vector<Operation> operations;
};
struct GraphExecObject {
  std::vector<Operation> operations;
};
struct PoolObject {
  uint64_t threshold = 0;
};
} // namespace seednorm::cuda

namespace {

struct State {
  std::recursive_mutex mutex;
  std::string log;
  std::map<std::string, int> calls;
  std::map<char *, size_t> blocks;
  /// Sizes of free memory that the pool keeps.
  std::multiset<size_t> kept;
  std::set<StreamHandle> streams;
  Result lost = Success;
  int objects = 0, numStreams = 0, kernelsRun = 0;
  const char *pinned = nullptr;
  size_t pinnedBytes = 0;
};

State &getState() {
  static State &state = *new State;
  return state;
}

ContextObject context;
thread_local std::vector<ContextHandle> contexts;
constexpr Result noContext = Result(201), captureUnsupported = Result(900),
                 captureInvalidated = Result(901), invalidPTX = Result(218),
                 notSupported = Result(801);

size_t countBytes(bool withPool) {
  State &state = getState();
  size_t bytes = 0;
  for (auto &[address, size] : state.blocks)
    bytes += size;
  if (withPool)
    for (size_t size : state.kept)
      bytes += size;
  return bytes;
}

void run(StreamHandle stream) {
  std::vector<Operation> waiting = std::move(stream->waiting);
  stream->waiting.clear();
  for (Operation &operation : waiting)
    if (getState().lost == Success)
      operation();
}

void runAll() {
  for (StreamHandle stream : getState().streams)
    run(stream);
}

Result allocate(Address *address, size_t bytes) {
  if (bytes == 0)
    return InvalidValue;
  if (bytes + countBytes(true) > fake::getNumber("FAKE_CUDA_MEMORY", 1 << 30))
    return OutOfMemory;
  auto *block = static_cast<char *>(
      std::aligned_alloc(256, (bytes + 255) & -size_t(256)));
  std::memset(block, 0xcd, bytes);
  getState().blocks[block] = bytes;
  *address = reinterpret_cast<Address>(block);
  return Success;
}

/// Its bytes; 0 if there is no such block.
size_t release(Address address) {
  auto found = getState().blocks.find(reinterpret_cast<char *>(address));
  if (found == getState().blocks.end())
    std::abort(); // Freed twice: no test may go on.
  size_t bytes = found->second;
  std::memset(found->first, 0xdd, bytes);
  std::free(found->first);
  getState().blocks.erase(found);
  return bytes;
}

std::string formatSizes(const unsigned *sizes) {
  return std::to_string(sizes[0]) + "x" + std::to_string(sizes[1]) + "x" +
         std::to_string(sizes[2]);
}

/// Whether the driver may wait here, which a capture is spoilt by.
Result checkNotCapturing(StreamHandle stream) {
  if (!stream->capturing)
    return Success;
  stream->invalidated = true;
  return captureUnsupported;
}

} // namespace

//===----------------------------------------------------------------------===//
// Around the calls
//===----------------------------------------------------------------------===//

uint64_t fake::getNumber(const char *variable, uint64_t otherwise) {
  const char *text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

fake::Call::Call(const char *function, bool needsContext) {
  State &state = getState();
  state.mutex.lock();
  int count = ++state.calls[function];
  if (needsContext && contexts.empty())
    result = noContext;
  if (state.lost != Success)
    result = state.lost;
  const char *text = std::getenv("FAKE_CUDA_FAIL");
  std::string start = std::string(function) + ":" + std::to_string(count) + ":";
  if (text && !std::strncmp(text, start.c_str(), start.size()))
    result = Result(std::atoi(text + start.size()));
}
fake::Call::~Call() { getState().mutex.unlock(); }

void fake::log(const std::string &line) { getState().log += line + "\n"; }

void fake::enqueue(StreamHandle stream, Operation operation) {
  (stream->capturing ? stream->captured : stream->waiting)
      .push_back(std::move(operation));
}

bool fake::isAllocated(const void *pointer, size_t bytes) {
  auto *address = static_cast<const char *>(pointer);
  for (auto &[block, size] : getState().blocks)
    if (address >= block && address + bytes <= block + size)
      return true;
  return false;
}

void fake::countObjects(int change) { getState().objects += change; }

void fakeCUDAReset() {
  State &state = getState();
  std::lock_guard<std::recursive_mutex> lock(state.mutex);
  state.log.clear();
  state.calls.clear();
  state.kernelsRun = 0;
  if (state.lost == Success)
    return;
  // As in the next process.
  state.lost = Success;
  for (auto &[address, bytes] : state.blocks)
    std::free(address);
  state.blocks.clear();
}
const char *fakeCUDALog() { return getState().log.c_str(); }
int fakeCUDACalls(const char *function) { return getState().calls[function]; }
size_t fakeCUDALiveBytes() {
  std::lock_guard<std::recursive_mutex> lock(getState().mutex);
  runAll();
  return countBytes(/*withPool=*/false);
}
int fakeCUDAKernelsRun() { return getState().kernelsRun; }
int fakeCUDALiveObjects() { return getState().objects; }
void fakeCUDAPin(const void *pointer, size_t bytes) {
  getState().pinned = static_cast<const char *>(pointer);
  getState().pinnedBytes = bytes;
}

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuInit(unsigned) {
  fake::Call call("cuInit", false);
  if (call && !fake::getNumber("FAKE_CUDA_DEVICES", 1))
    return NoDevice;
  return call.result;
}
FAKE_EXPORT Result cuDriverGetVersion(int *version) {
  *version = int(fake::getNumber("FAKE_CUDA_VERSION", 13000));
  return Success;
}
FAKE_EXPORT Result cuGetErrorName(Result result, const char **name) {
  for (auto [known, text] :
       {std::pair(InvalidValue, "CUDA_ERROR_INVALID_VALUE"),
        {OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY"},
        {NoDevice, "CUDA_ERROR_NO_DEVICE"},
        {NoBinaryForGPU, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
        {invalidPTX, "CUDA_ERROR_INVALID_PTX"},
        {NotFound, "CUDA_ERROR_NOT_FOUND"},
        {Assert, "CUDA_ERROR_ASSERT"}})
    if (known == result) {
      *name = text;
      return Success;
    }
  return InvalidValue;
}
FAKE_EXPORT Result cuGetErrorString(Result result, const char **text) {
  *text = "as the fake driver says";
  return Success;
}
FAKE_EXPORT Result cuDeviceGetCount(int *count) {
  fake::Call call("cuDeviceGetCount", false);
  *count = int(fake::getNumber("FAKE_CUDA_DEVICES", 1));
  return call.result;
}
FAKE_EXPORT Result cuDeviceGet(DeviceHandle *device, int ordinal) {
  fake::Call call("cuDeviceGet", false);
  *device = 70 + ordinal;
  return call.result;
}
FAKE_EXPORT Result cuDeviceGetName(char *name, int length, DeviceHandle) {
  fake::Call call("cuDeviceGetName", false);
  std::strncpy(name, "Fake GPU", length);
  return call.result;
}
FAKE_EXPORT Result cuDeviceGetAttribute(int *value, DeviceAttribute attribute,
                                        DeviceHandle) {
  fake::Call call("cuDeviceGetAttribute", false);
  int capability = int(fake::getNumber("FAKE_CUDA_CAPABILITY", 90));
  switch (attribute) {
  case ComputeCapabilityMajor:
    *value = capability / 10;
    break;
  case ComputeCapabilityMinor:
    *value = capability % 10;
    break;
  case MemoryPoolsSupported:
    *value = !std::getenv("FAKE_CUDA_NO_POOLS");
    break;
  case ClusterLaunch:
    *value = !std::getenv("FAKE_CUDA_NO_CLUSTERS");
    break;
  }
  return call.result;
}
FAKE_EXPORT Result cuDevicePrimaryCtxRetain(ContextHandle *result,
                                            DeviceHandle) {
  fake::Call call("cuDevicePrimaryCtxRetain", false);
  if (call) {
    *result = &context;
    fake::countObjects(1);
  }
  return call.result;
}
FAKE_EXPORT Result cuDevicePrimaryCtxRelease_v2(DeviceHandle) {
  fake::Call call("cuDevicePrimaryCtxRelease_v2", false);
  fake::countObjects(-1);
  return call.result;
}
FAKE_EXPORT Result cuCtxPushCurrent_v2(ContextHandle pushed) {
  contexts.push_back(pushed);
  return Success;
}
FAKE_EXPORT Result cuCtxPopCurrent_v2(ContextHandle *popped) {
  *popped = contexts.back();
  contexts.pop_back();
  return Success;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuMemGetInfo_v2(size_t *free, size_t *total) {
  fake::Call call("cuMemGetInfo_v2");
  *total = fake::getNumber("FAKE_CUDA_MEMORY", 1 << 30);
  *free = *total - countBytes(/*withPool=*/true);
  return call.result;
}
FAKE_EXPORT Result cuMemAlloc_v2(Address *address, size_t bytes) {
  fake::Call call("cuMemAlloc_v2");
  return call ? allocate(address, bytes) : call.result;
}
FAKE_EXPORT Result cuMemFree_v2(Address address) {
  fake::Call call("cuMemFree_v2");
  if (call) {
    runAll();
    release(address);
  }
  return call.result;
}
FAKE_EXPORT Result cuMemPoolCreate(PoolHandle *pool,
                                   const PoolProperties *properties) {
  fake::Call call("cuMemPoolCreate");
  if (properties->allocationType != 1 || properties->locationType != 1)
    return InvalidValue;
  if (call) {
    *pool = new PoolObject;
    fake::countObjects(1);
  }
  return call.result;
}
FAKE_EXPORT Result cuMemPoolDestroy(PoolHandle pool) {
  fake::Call call("cuMemPoolDestroy");
  runAll();
  getState().kept.clear();
  delete pool;
  fake::countObjects(-1);
  return call.result;
}
FAKE_EXPORT Result cuMemPoolSetAttribute(PoolHandle pool, int attribute,
                                         void *value) {
  fake::Call call("cuMemPoolSetAttribute");
  if (attribute != 4)
    return InvalidValue;
  std::memcpy(&pool->threshold, value, sizeof(pool->threshold));
  fake::log("pool keeps " + std::to_string(pool->threshold));
  return call.result;
}
FAKE_EXPORT Result cuMemPoolTrimTo(PoolHandle, size_t bytes) {
  fake::Call call("cuMemPoolTrimTo");
  if (bytes == 0)
    getState().kept.clear();
  return call.result;
}
FAKE_EXPORT Result cuMemAllocFromPoolAsync(Address *address, size_t bytes,
                                           PoolHandle, StreamHandle stream) {
  fake::Call call("cuMemAllocFromPoolAsync");
  if (!call || stream->capturing)
    return call ? notSupported : call.result;
  std::multiset<size_t> &kept = getState().kept;
  auto found = kept.find(bytes);
  if (found != kept.end())
    kept.erase(found);
  return allocate(address, bytes);
}
FAKE_EXPORT Result cuMemFreeAsync(Address address, StreamHandle stream) {
  fake::Call call("cuMemFreeAsync");
  if (!call || stream->capturing)
    return call ? notSupported : call.result;
  fake::enqueue(stream, [=] { getState().kept.insert(release(address)); });
  return Success;
}
FAKE_EXPORT Result cuPointerGetAttribute(void *value, int attribute,
                                         Address pointer) {
  fake::Call call("cuPointerGetAttribute");
  auto *address = reinterpret_cast<const char *>(pointer);
  State &state = getState();
  bool pinned =
      address >= state.pinned && address < state.pinned + state.pinnedBytes;
  unsigned type = pinned ? 1 : 2;
  if (attribute != 2 || (!pinned && !fake::isAllocated(address, 0)))
    return InvalidValue;
  std::memcpy(value, &type, sizeof(type));
  return call.result;
}
FAKE_EXPORT Result cuMemcpyAsync(Address to, Address from, size_t bytes,
                                 StreamHandle stream) {
  fake::Call call("cuMemcpyAsync");
  if (!call)
    return call.result;
  auto *target = reinterpret_cast<char *>(to);
  auto *source = reinterpret_cast<const char *>(from);
  State &state = getState();
  bool late = fake::getNumber("FAKE_CUDA_LATE_COPIES", 0);
  auto isPageable = [&](const char *pointer) {
    return !late && !fake::isAllocated(pointer, bytes) &&
           !(pointer >= state.pinned &&
             pointer + bytes <= state.pinned + state.pinnedBytes);
  };
  if (isPageable(target)) {
    if (Result result = checkNotCapturing(stream))
      return result;
    run(stream);
    if (state.lost)
      return state.lost;
    std::memcpy(target, source, bytes);
    return Success;
  }
  if (isPageable(source)) {
    std::vector<char> copy(source, source + bytes);
    fake::enqueue(stream, [=] { std::memcpy(target, copy.data(), bytes); });
    return Success;
  }
  fake::enqueue(stream, [=] { std::memcpy(target, source, bytes); });
  return Success;
}
FAKE_EXPORT Result cuMemsetD2D8Async(Address address, size_t pitch,
                                     unsigned char value, size_t width,
                                     size_t height, StreamHandle stream) {
  fake::Call call("cuMemsetD2D8Async");
  auto *target = reinterpret_cast<char *>(address);
  fake::enqueue(stream, [=] {
    for (size_t row = 0; row < height; ++row)
      std::memset(target + row * pitch, value, width);
  });
  return call.result;
}

//===----------------------------------------------------------------------===//
// Streams and graphs
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuStreamCreate(StreamHandle *stream, unsigned flags) {
  fake::Call call("cuStreamCreate");
  if (!call || flags != 1)
    return call ? InvalidValue : call.result;
  *stream = new StreamObject;
  (*stream)->number = ++getState().numStreams;
  getState().streams.insert(*stream);
  fake::countObjects(1);
  return Success;
}
FAKE_EXPORT Result cuStreamDestroy_v2(StreamHandle stream) {
  fake::Call call("cuStreamDestroy_v2");
  run(stream);
  getState().streams.erase(stream);
  delete stream;
  fake::countObjects(-1);
  return call.result;
}
FAKE_EXPORT Result cuStreamSynchronize(StreamHandle stream) {
  fake::Call call("cuStreamSynchronize");
  if (!call)
    return call.result;
  if (Result result = checkNotCapturing(stream))
    return result;
  run(stream);
  return getState().lost;
}
FAKE_EXPORT Result cuStreamBeginCapture_v2(StreamHandle stream, int mode) {
  fake::Call call("cuStreamBeginCapture_v2");
  if (!call || mode != 2)
    return call ? InvalidValue : call.result;
  stream->capturing = true;
  stream->invalidated = false;
  stream->captured.clear();
  return Success;
}
FAKE_EXPORT Result cuStreamEndCapture(StreamHandle stream, GraphHandle *graph) {
  fake::Call call("cuStreamEndCapture");
  stream->capturing = false;
  *graph = nullptr;
  if (!call || stream->invalidated)
    return call ? captureInvalidated : call.result;
  *graph = new GraphObject{std::move(stream->captured)};
  stream->captured.clear();
  fake::countObjects(1);
  return Success;
}
FAKE_EXPORT Result cuGraphInstantiateWithFlags(GraphExecHandle *exec,
                                               GraphHandle graph,
                                               unsigned long long) {
  fake::Call call("cuGraphInstantiateWithFlags");
  if (!call)
    return call.result;
  *exec = new GraphExecObject{graph->operations};
  fake::countObjects(1);
  return Success;
}
FAKE_EXPORT Result cuGraphDestroy(GraphHandle graph) {
  fake::Call call("cuGraphDestroy");
  delete graph;
  fake::countObjects(-1);
  return call.result;
}
FAKE_EXPORT Result cuGraphExecDestroy(GraphExecHandle exec) {
  fake::Call call("cuGraphExecDestroy");
  delete exec;
  fake::countObjects(-1);
  return call.result;
}
#ifndef FAKE_CUDA_INCOMPLETE
FAKE_EXPORT Result cuGraphLaunch(GraphExecHandle exec, StreamHandle stream) {
  fake::Call call("cuGraphLaunch");
  if (call)
    for (const Operation &operation : exec->operations)
      fake::enqueue(stream, operation);
  return call.result;
}
#endif

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

static bool takesAnyKernel() { return std::getenv("FAKE_CUDA_ANY_KERNEL"); }

FAKE_EXPORT Result cuModuleLoadDataEx(ModuleHandle *module, const void *image,
                                      unsigned count, JITOption *options,
                                      void **values) {
  fake::Call call("cuModuleLoadDataEx");
  if (!call)
    return call.result;
  auto *text = static_cast<const char *>(image);
  if (!std::memcmp(text,
                   "\x7F"
                   "ELF",
                   4))
    return NoBinaryForGPU;
  if (takesAnyKernel() || std::strcmp(text, "// PTX: fake kernels") == 0) {
    *module = new ModuleObject;
    fake::countObjects(1);
    return Success;
  }
  size_t capacity = 0;
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == ErrorLogBufferBytes)
      capacity = reinterpret_cast<uintptr_t>(values[i]);
  for (unsigned i = 0; i < count; ++i)
    if (options[i] == ErrorLogBuffer)
      std::strncpy(static_cast<char *>(values[i]),
                   "ptxas application ptx input, line 1; error   : it is "
                   "broken\n\nptxas fatal   : Ptx assembly aborted\n",
                   capacity);
  return invalidPTX;
}
FAKE_EXPORT Result cuModuleUnload(ModuleHandle module) {
  fake::Call call("cuModuleUnload");
  delete module;
  fake::countObjects(-1);
  return call.result;
}
FAKE_EXPORT Result cuModuleGetFunction(FunctionHandle *function,
                                       ModuleHandle module, const char *name) {
  fake::Call call("cuModuleGetFunction");
  static constexpr FakeKernel nothing = {"nothing", 0, [](void **) {}};
  const FakeKernel *kernel = takesAnyKernel() ? &nothing : findFakeKernel(name);
  if (!call || !kernel)
    return call ? NotFound : call.result;
  *function = &module->functions.try_emplace(name, FunctionObject{kernel})
                   .first->second;
  return Success;
}
FAKE_EXPORT Result cuFuncGetAttribute(int *value, FunctionAttribute attribute,
                                      FunctionHandle function) {
  fake::Call call("cuFuncGetAttribute");
  if (!call || attribute != StaticSharedBytes)
    return call ? InvalidValue : call.result;
  *value = function->staticBytes;
  return Success;
}
FAKE_EXPORT Result cuFuncSetAttribute(FunctionHandle function,
                                      FunctionAttribute attribute, int value) {
  fake::Call call("cuFuncSetAttribute");
  if (!call)
    return call.result;
  if (attribute == MaxDynamicSharedBytes) {
    if (value + function->staticBytes > 227 << 10)
      return InvalidValue;
    function->sharedBytes = value;
  } else if (attribute == NonPortableClusterSizeAllowed) {
    function->clusterSize = 16;
  }
  return Success;
}

/// How a launch departs from the plainest one; -1 if it is not allowed.
static int describeAttributes(const LaunchConfig &config,
                              const FunctionObject &function,
                              std::string &line) {
  for (unsigned i = 0; i < config.numAttributes; ++i) {
    const LaunchAttribute &attribute = config.attributes[i];
    if (attribute.kind == ProgrammaticStreamSerialization) {
      if (attribute.programmaticStreamSerialization != 1)
        return -1;
      line += " dependent";
      continue;
    }
    auto [x, y, z] = attribute.clusterDimension;
    unsigned sizes[] = {x, y, z};
    if (attribute.kind != ClusterDimension ||
        int(x * y * z) > function.clusterSize)
      return -1;
    for (int j = 0; j < 3; ++j)
      if (config.grid[j] % sizes[j])
        return -1;
    line += " clusters " + formatSizes(sizes);
  }
  return int(config.sharedBytes) > function.sharedBytes ? -1 : 0;
}

FAKE_EXPORT Result cuLaunchKernelEx(const LaunchConfig *config,
                                    FunctionHandle function, void **arguments,
                                    void **) {
  fake::Call call("cuLaunchKernelEx");
  if (!call)
    return call.result;
  std::string line = std::string("launch ") + function->kernel->name +
                     " grid " + formatSizes(config->grid) + " block " +
                     formatSizes(config->block) + " shared " +
                     std::to_string(config->sharedBytes);
  if (describeAttributes(*config, *function, line))
    return InvalidValue;
  fake::log(line);
  // All are of eight bytes, and taken now.
  std::array<uint64_t, 8> values = {};
  for (unsigned i = 0; i < function->kernel->numArguments; ++i)
    std::memcpy(&values[i], arguments[i], 8);
  const FakeKernel *kernel = function->kernel;
  fake::enqueue(config->stream, [kernel, values]() mutable {
    ++getState().kernelsRun;
    if (!kernel->run) {
      getState().lost = Assert;
      return;
    }
    void *addresses[8];
    for (int i = 0; i < 8; ++i)
      addresses[i] = &values[i];
    kernel->run(addresses);
  });
  return Success;
}
