//===- CUDADevice.cpp - NVIDIA's GPUs as devices --------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that compiled code calls, over the parts that do the work, and
// what a user is told about the GPU.
//
//===----------------------------------------------------------------------===//

#include "Gemm.h"
#include "Graphs.h"
#include "Modules.h"
#include "seednorm/Dialect/Rowwise/Transforms/GPUTarget.h"
#include "seednorm/Runtime/CUDA.h"
#include <cstdio>
#include <cstdlib>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::cuda;

namespace {

class CUDADevice : public Device {
public:
  CUDADevice(std::shared_ptr<const GPU> gpu, std::unique_ptr<Memory> memory,
             StringRef chip)
      : gpu(std::move(gpu)), chip(chip),
        streams(std::make_shared<Streams>(this->gpu)),
        memory(std::move(memory)), modules(*this->gpu),
        gemm(*this->gpu, *this->memory) {}

  std::string getName() const override { return gpu->getName(); }
  std::string getDescription() const override {
    return gpu->product + " (" + gpu->getChip() + ")";
  }
  /// The driver makes the code for this very GPU, and keeps it between
  /// processes.
  DeviceSpec getSpec() const override {
    return {DeviceKind::NVVM, chip, "isa"};
  }
  Error checkRuns(const DeviceSpec &spec) const override;
  const seednorm_rt_device &getInterface() const override { return interface; }
  std::unique_ptr<Recorder> createRecorder() override;

private:
  /// A member function as what the interface wants: with the GPU's context,
  /// this thread's stream, and errors as text.
  template <auto Function, typename... Types>
  static int32_t call(void *context, Types... values, char *message,
                      uint64_t capacity) {
    auto &self = *static_cast<CUDADevice *>(context);
    ContextScope scope(*self.gpu);
    Expected<Stream *> stream = self.streams->get();
    Error error =
        stream ? (self.*Function)(**stream, values...) : stream.takeError();
    if (!error)
      return 0;
    std::string text = toString(std::move(error));
    if (capacity)
      std::snprintf(message, capacity, "%s", text.c_str());
    return 1;
  }

  Error allocate(Stream &stream, uint64_t bytes, void **pointer);
  Error release(Stream &stream, void *pointer);
  Error copy(Stream &stream, void *to, const void *from, uint64_t bytes);
  Error launch(Stream &stream, const struct seednorm_rt_launch *launch);
  Error multiply(Stream &stream, const seednorm_rt_gemm_arguments *arguments);
  Error synchronize(Stream &stream);
  bool isDeviceMemory(const void *pointer) const;

  std::shared_ptr<const GPU> gpu;
  /// The newest that kernels can be compiled for, which may be older than the
  /// GPU.
  std::string chip;
  std::shared_ptr<Streams> streams;
  std::unique_ptr<Memory> memory;
  Modules modules;
  Gemm gemm;

  seednorm_rt_device interface = {
      this,
      call<&CUDADevice::allocate, uint64_t, void **>,
      call<&CUDADevice::release, void *>,
      call<&CUDADevice::copy, void *, const void *, uint64_t>,
      call<&CUDADevice::launch, const struct seednorm_rt_launch *>,
      call<&CUDADevice::multiply, const seednorm_rt_gemm_arguments *>,
      call<&CUDADevice::synchronize>,
      [](void *context, const void *binary) {
        auto &self = *static_cast<CUDADevice *>(context);
        ContextScope scope(*self.gpu);
        self.modules.unload(binary);
      }};
};

/// 90 and "a" for "sm_90a"; 0 if it is no such name.
std::pair<unsigned, StringRef> parseChip(StringRef chip) {
  unsigned number = 0;
  if (!chip.consume_front("sm_") || chip.consumeInteger(10, number))
    return {0, chip};
  return {number, chip};
}

} // namespace

Error CUDADevice::checkRuns(const DeviceSpec &spec) const {
  if (spec.format == "llvm")
    return makeError("the module's kernels are LLVM bitcode, which only the "
                     "emulator runs");
  auto [wanted, suffix] = parseChip(spec.chip);
  unsigned own = gpu->major * 10 + gpu->minor;
  // PTX runs on later GPUs, unless it uses what one alone has; a cubin runs on
  // later ones of its generation.
  bool runs = wanted == own;
  if (suffix.empty() && wanted < own)
    runs = spec.format != "bin" || wanted / 10 == own / 10;
  if (runs)
    return Error::success();
  return makeError("the module's kernels are for " + quote(spec.chip) +
                   ", which " + getName() + ", " + getDescription() +
                   ", does not run");
}

std::unique_ptr<Recorder> CUDADevice::createRecorder() {
  const char *text = std::getenv("SEEDNORM_CUDA_GRAPHS");
  if (text && StringRef(text) == "0")
    return nullptr;
  return std::make_unique<GraphRecorder>(*gpu, *streams, *memory);
}

//===----------------------------------------------------------------------===//
// What compiled code calls
//===----------------------------------------------------------------------===//

Error CUDADevice::allocate(Stream &stream, uint64_t bytes, void **pointer) {
  Expected<Address> address = memory->allocate(bytes, stream);
  if (!address)
    return address.takeError();
  *pointer = reinterpret_cast<void *>(*address);
  return Error::success();
}

Error CUDADevice::release(Stream &stream, void *pointer) {
  return memory->release(reinterpret_cast<Address>(pointer), stream);
}

/// Of memory that the driver does not know it says nothing.
bool CUDADevice::isDeviceMemory(const void *pointer) const {
  unsigned type = 0;
  return gpu->driver.pointerGetAttribute(&type, pointerMemoryType,
                                         reinterpret_cast<Address>(pointer)) ==
             Success &&
         type == memoryTypeDevice;
}

Error CUDADevice::copy(Stream &stream, void *to, const void *from,
                       uint64_t bytes) {
  if (stream.recording)
    return makeError("a copy cannot be recorded");
  if (Error error = gpu->driver.check(
          gpu->driver.memoryCopyAsync(reinterpret_cast<Address>(to),
                                      reinterpret_cast<Address>(from), bytes,
                                      stream.handle),
          "cuMemcpyAsync"))
    return error;
  // The driver may still read or write host memory, pageable or not, when it
  // returns.
  return isDeviceMemory(to) && isDeviceMemory(from) ? Error::success()
                                                    : synchronize(stream);
}

Error CUDADevice::launch(Stream &stream,
                         const struct seednorm_rt_launch *launch) {
  const uint32_t *grid = launch->grid, *block = launch->block,
                 *cluster = launch->cluster;
  uint32_t clusterSize = cluster[0] * cluster[1] * cluster[2];
  LaunchAttribute attributes[2] = {};
  LaunchConfig config = {{grid[0], grid[1], grid[2]},
                         {block[0], block[1], block[2]},
                         launch->shared_bytes,
                         stream.handle,
                         attributes,
                         0};
  if (clusterSize > 1) {
    if (!gpu->hasClusters)
      return makeError("it needs clusters of CTAs, which " + getDescription() +
                       " does not have");
    LaunchAttribute &attribute = attributes[config.numAttributes++];
    attribute.kind = ClusterDimension;
    attribute.clusterDimension = {cluster[0], cluster[1], cluster[2]};
  }
  if ((launch->flags & SEEDNORM_RT_LAUNCH_DEPENDENT) && gpu->major >= 9) {
    LaunchAttribute &attribute = attributes[config.numAttributes++];
    attribute.kind = ProgrammaticStreamSerialization;
    attribute.programmaticStreamSerialization = 1;
  }
  Expected<FunctionHandle> function =
      modules.getFunction(launch->binary, launch->binary_bytes, launch->kernel,
                          launch->shared_bytes, clusterSize);
  if (!function)
    return function.takeError();
  Result result =
      gpu->driver.launch(&config, *function, launch->arguments, nullptr);
  if (result == Success)
    return Error::success();
  auto list = [](const uint32_t *sizes) {
    return (Twine(sizes[0]) + "x" + Twine(sizes[1]) + "x" + Twine(sizes[2]))
        .str();
  };
  return gpu->driver.check(
      result, "launching " + list(grid) + " CTAs of " + list(block) +
                  " threads, in clusters of " + list(cluster) + ", with " +
                  Twine(launch->shared_bytes) + " bytes of shared memory");
}

Error CUDADevice::multiply(Stream &stream,
                           const seednorm_rt_gemm_arguments *arguments) {
  return gemm.multiply(*arguments, stream);
}

Error CUDADevice::synchronize(Stream &stream) {
  if (stream.recording)
    return makeError("waiting cannot be recorded");
  return gpu->driver.check(gpu->driver.streamSynchronize(stream.handle),
                           "running on " + getName());
}

Expected<std::shared_ptr<Device>> seednorm::createCUDADevice(unsigned ordinal) {
  Expected<std::unique_ptr<GPU>> gpu = GPU::open(ordinal);
  if (!gpu)
    return gpu.takeError();
  Expected<StringRef> chip =
      mlir::rowwise::getNewestNVIDIAChip((*gpu)->major * 10 + (*gpu)->minor);
  if (!chip)
    return makeError((*gpu)->getName() + ", " + (*gpu)->product +
                     ", cannot be used: " + toString(chip.takeError()));
  ContextScope scope(**gpu);
  Expected<std::unique_ptr<Memory>> memory = Memory::create(**gpu);
  if (!memory)
    return memory.takeError();
  return std::make_shared<CUDADevice>(std::move(*gpu), std::move(*memory),
                                      *chip);
}
