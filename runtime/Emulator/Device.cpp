//===- Device.cpp - A GPU that is not there ------------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Memory of the host that only kernels, copies and products touch. Work is done
// when it is asked for, one piece at a time.
//
//===----------------------------------------------------------------------===//

#include "DeviceMemory.h"
#include "Launch.h"
#include "seednorm/Runtime/Emulator.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSwitch.h"
#include <cstring>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

EmulatorDevice::~EmulatorDevice() = default;

/// The function of this name hides it.
using LaunchArguments = struct seednorm_rt_launch;

/// The most shared memory of a CTA, from NVIDIA's tables of compute
/// capabilities and AMD's of local data shares.
static uint32_t getSharedLimit(StringRef chip) {
  if (chip.starts_with("gfx"))
    return (chip.starts_with("gfx95") ? 160 : 64) << 10;
  StringRef number = chip;
  number.consume_front("sm_");
  uint32_t kibibytes = StringSwitch<uint32_t>(number.rtrim("af"))
                           .Case("75", 64)
                           .Cases({"80", "87"}, 163)
                           .Cases({"86", "89", "120", "121"}, 99)
                           .Default(227);
  return kibibytes << 10;
}

/// AMD's GPUs have waves of 64 lanes before RDNA, which begins with gfx10.
static uint32_t getWarpWidth(StringRef chip) {
  return chip.starts_with("gfx") && !chip.starts_with("gfx1") ? 64 : 32;
}

namespace {

class Emulator final : public EmulatorDevice {
public:
  explicit Emulator(const EmulatorOptions &options);

  std::string getName() const override { return "emulator"; }
  std::string getDescription() const override {
    return "emulated GPU (" + options.chip + ")";
  }
  DeviceSpec getSpec() const override {
    return {getDeviceKind(options.chip), options.chip, "llvm"};
  }
  Error checkRuns(const DeviceSpec &spec) const override;
  const seednorm_rt_device &getInterface() const override { return interface; }

  bool hasFindings() const override;
  void printFindings(raw_ostream &os) const override;
  void printReport(raw_ostream &os) const override;
  json::Value getReport() const override;
  void clearReport() override;
  void setMinimum(StringRef kernel, const KernelMinimum &minimum) override;

private:
  Error allocate(uint64_t bytes, void **pointer);
  Error release(void *pointer);
  Error copy(void *to, const void *from, uint64_t bytes);
  Error launch(const LaunchArguments &launch);
  Error multiply(const seednorm_rt_gemm_arguments &arguments);
  void unload(const void *binary);

  Expected<const Program *> getProgram(const LaunchArguments &launch);
  Error checkInside(const void *pointer, uint64_t bytes, const Twine &what);
  void noteUnwritten(StringRef kernel, StringRef what, const Buffer &buffer,
                     uint64_t address);
  Error checkMatrix(const char *what, const void *data, int32_t dtype,
                    ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides,
                    bool isRead, bool isResult);
  template <typename F>
  static int32_t call(void *context, char *message, uint64_t capacity, F body);

  EmulatorOptions options;
  seednorm_rt_device interface;
  mutable std::mutex mutex;
  Buffers buffers;
  DenseMap<const void *, std::unique_ptr<Program>> programs;
  DeviceMemory memory;
  ExecutionReport report;
  StringMap<KernelMinimum> minima;
  StackPool stacks;
};

} // namespace

//===----------------------------------------------------------------------===//
// The interface of C
//===----------------------------------------------------------------------===//

template <typename F>
int32_t Emulator::call(void *context, char *message, uint64_t capacity,
                       F body) {
  auto &device = *static_cast<Emulator *>(context);
  std::lock_guard<std::mutex> lock(device.mutex);
  Error error = body(device);
  if (!error)
    return 0;
  std::string text = toString(std::move(error));
  if (capacity) {
    size_t length = std::min<size_t>(text.size(), capacity - 1);
    std::memcpy(message, text.data(), length);
    message[length] = 0;
  }
  return 1;
}

Emulator::Emulator(const EmulatorOptions &options) : options(options) {
  interface = {};
  interface.context = this;
  interface.allocate = [](void *context, uint64_t bytes, void **pointer,
                          char *message, uint64_t capacity) {
    return call(context, message, capacity, [&](Emulator &device) {
      return device.allocate(bytes, pointer);
    });
  };
  interface.release = [](void *context, void *pointer, char *message,
                         uint64_t capacity) {
    return call(context, message, capacity,
                [&](Emulator &device) { return device.release(pointer); });
  };
  interface.copy = [](void *context, void *to, const void *from, uint64_t bytes,
                      char *message, uint64_t capacity) {
    return call(context, message, capacity,
                [&](Emulator &device) { return device.copy(to, from, bytes); });
  };
  interface.launch = [](void *context, const LaunchArguments *launch,
                        char *message, uint64_t capacity) {
    return call(context, message, capacity,
                [&](Emulator &device) { return device.launch(*launch); });
  };
  interface.gemm = [](void *context,
                      const seednorm_rt_gemm_arguments *arguments,
                      char *message, uint64_t capacity) {
    return call(context, message, capacity,
                [&](Emulator &device) { return device.multiply(*arguments); });
  };
  interface.synchronize = [](void *, char *, uint64_t) { return 0; };
  interface.unload = [](void *context, const void *binary) {
    static_cast<Emulator *>(context)->unload(binary);
  };
}

Error Emulator::checkRuns(const DeviceSpec &spec) const {
  DeviceKind own = getDeviceKind(options.chip);
  if (spec.kind != own || spec.format != "llvm")
    return makeError("the emulator runs LLVM bitcode for " +
                     StringRef(own == DeviceKind::ROCDL ? "AMD" : "NVIDIA") +
                     "'s GPUs, but the code is for '" +
                     stringifyDeviceKind(spec.kind) + "' as '" + spec.format +
                     "'");
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Error Emulator::allocate(uint64_t bytes, void **pointer) {
  *pointer = memory.allocate(bytes);
  if (!*pointer)
    return makeError("out of memory: a device buffer of " + Twine(bytes) +
                     " bytes");
  buffers.add(*pointer, bytes);
  return Error::success();
}

Error Emulator::release(void *pointer) {
  if (!pointer)
    return Error::success();
  if (!memory.release(pointer))
    return makeError("a device buffer is released that is not allocated");
  buffers.remove(pointer);
  return Error::success();
}

/// Memory of the device has bounds; that of the host is not known here.
Error Emulator::checkInside(const void *pointer, uint64_t bytes,
                            const Twine &what) {
  auto address = reinterpret_cast<uint64_t>(pointer);
  std::shared_ptr<Buffer> buffer = buffers.find(address);
  if (!buffer && memory.owns(address))
    return makeError(what + " of " + Twine(bytes) +
                     " bytes is in no live device buffer");
  if (!buffer || buffer->contains(address, bytes))
    return Error::success();
  return makeError(what + " of " + Twine(bytes) + " bytes at offset " +
                   Twine(address - buffer->begin()) +
                   " of a device buffer of " + Twine(buffer->size()) +
                   " bytes");
}

Error Emulator::copy(void *to, const void *from, uint64_t bytes) {
  if (!bytes)
    return Error::success();
  if (Error error = checkInside(to, bytes, "a copy to device memory"))
    return error;
  if (Error error = checkInside(from, bytes, "a copy from device memory"))
    return error;
  auto source = reinterpret_cast<uint64_t>(from);
  auto target = reinterpret_cast<uint64_t>(to);
  std::shared_ptr<Buffer> read = buffers.find(source);
  std::shared_ptr<Buffer> written = buffers.find(target);
  std::memmove(to, from, bytes);
  if (read && !written) {
    uint64_t count = read->countWritten(source, bytes);
    if (count != bytes)
      noteUnwritten("copy", "a copy to the host", *read, source + count);
  }
  if (!written)
    return Error::success();
  if (!read) {
    written->markWritten(target, bytes);
    return Error::success();
  }
  // Garbage stays garbage.
  for (uint64_t done = 0; done < bytes; ++done) {
    uint64_t count = read->countWritten(source + done, bytes - done);
    written->markWritten(target + done, count);
    done += count;
  }
  return Error::success();
}

/// No kernel, but reported like one.
void Emulator::noteUnwritten(StringRef kernel, StringRef what,
                             const Buffer &buffer, uint64_t address) {
  if (options.checks != EmulatorChecks::All)
    return;
  KernelReport found;
  found.kernel = kernel;
  found.launches = 1;
  Site site;
  site.function = kernel;
  site.text = what;
  found.sites.push_back(site);
  Finding finding;
  finding.kind = FindingKind::UninitialisedGlobal;
  finding.message = (what + " reads byte " + Twine(address - buffer.begin()) +
                     " of a buffer of " + Twine(buffer.size()) +
                     " bytes, which nobody has written")
                        .str();
  found.findings.push_back(finding);
  report.add(found);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

Expected<const Program *> Emulator::getProgram(const LaunchArguments &launch) {
  std::unique_ptr<Program> &program = programs[launch.binary];
  if (program)
    return program.get();
  ProgramOptions programOptions;
  programOptions.chip = options.chip;
  programOptions.warpWidth = getWarpWidth(options.chip);
  programOptions.observe = options.checks != EmulatorChecks::None;
  programOptions.optimize = options.optimize;
  StringRef bytes(static_cast<const char *>(launch.binary),
                  launch.binary_bytes);
  auto loaded =
      Program::load(MemoryBufferRef(bytes, launch.kernel), programOptions);
  if (!loaded)
    return loaded.takeError();
  program = std::move(*loaded);
  for (auto [pointer, size] : program->getVariables())
    buffers.add(pointer, size, /*written=*/true);
  return program.get();
}

void Emulator::unload(const void *binary) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = programs.find(binary);
  if (it == programs.end())
    return;
  if (it->second)
    for (auto [pointer, size] : it->second->getVariables())
      buffers.remove(pointer);
  programs.erase(it);
}

/// Sizes that no GPU of NVIDIA's takes (tables of compute capabilities).
static Error checkNVIDIALimits(const LaunchShape &shape, const Kernel &kernel,
                               StringRef chip) {
  static constexpr uint32_t gridLimits[] = {0x7fffffff, 65535, 65535};
  static constexpr uint32_t blockLimits[] = {1024, 1024, 64};
  static constexpr uint32_t staticLimit = 48 << 10;
  for (unsigned i = 0; i < 3; ++i) {
    if (shape.grid[i] > gridLimits[i])
      return makeError("kernel '" + kernel.name + "' is launched with " +
                       Twine(shape.grid[i]) + " blocks in dimension " +
                       Twine(i) + ", but at most " + Twine(gridLimits[i]) +
                       " can be");
    if (shape.block[i] > blockLimits[i])
      return makeError("kernel '" + kernel.name +
                       "' is launched with blocks of " + Twine(shape.block[i]) +
                       " threads in dimension " + Twine(i) + ", but at most " +
                       Twine(blockLimits[i]) + " can be");
  }
  if (kernel.staticSharedBytes > staticLimit)
    return makeError("kernel '" + kernel.name + "' has " +
                     Twine(kernel.staticSharedBytes) +
                     " bytes of static shared memory, but at most " +
                     Twine(staticLimit) + " can be");
  if (shape.ctasPerCluster() > 1 && !hasClusters(chip))
    return makeError(
        "kernel '" + kernel.name + "' is launched with clusters of " +
        Twine(shape.ctasPerCluster()) + " blocks, but '" + chip + "' has none");
  return Error::success();
}

/// Sizes that the kernel itself asks for.
static Error checkThreads(const LaunchShape &shape, const Kernel &kernel) {
  uint64_t limit = std::min(kernel.maxThreads.value_or(1024), 1024u);
  // Each alone first: the product of all may not fit.
  uint64_t threads = 1;
  for (uint32_t size : shape.block)
    threads *= std::min(size, 1025u);
  if (!threads || threads > limit)
    return makeError("kernel '" + kernel.name +
                     "' is launched with blocks of " + Twine(threads) +
                     " threads, but takes 1 to " + Twine(limit));
  if (!kernel.requiredBlock)
    return Error::success();
  ArrayRef<uint32_t> required = *kernel.requiredBlock;
  if (!equal(required, shape.block))
    return makeError("kernel '" + kernel.name +
                     "' is launched with blocks of " + Twine(shape.block[0]) +
                     "x" + Twine(shape.block[1]) + "x" + Twine(shape.block[2]) +
                     " threads, but takes " + Twine(required[0]) + "x" +
                     Twine(required[1]) + "x" + Twine(required[2]));
  return Error::success();
}

/// What the driver would refuse.
static Error checkShape(const LaunchShape &shape, const Kernel &kernel,
                        StringRef chip) {
  uint64_t ctas = 1;
  for (uint32_t size : shape.cluster)
    ctas *= std::min(size, 17u);
  if (!ctas || ctas > 16)
    return makeError("kernel '" + kernel.name +
                     "' is launched with clusters of " + Twine(ctas) +
                     " blocks, but 1 to 16 can be");
  if (!chip.starts_with("gfx"))
    if (Error error = checkNVIDIALimits(shape, kernel, chip))
      return error;
  if (Error error = checkThreads(shape, kernel))
    return error;
  for (unsigned i = 0; i < 3; ++i)
    if (shape.grid[i] % shape.cluster[i])
      return makeError("kernel '" + kernel.name + "' is launched with " +
                       Twine(shape.grid[i]) + " blocks in dimension " +
                       Twine(i) + ", which clusters of " +
                       Twine(shape.cluster[i]) + " do not divide");
  // No product of the first two exceeds 64 bits.
  uint64_t blocks = uint64_t(shape.grid[0]) * shape.grid[1];
  if (shape.grid[2] && blocks > UINT32_MAX / shape.grid[2])
    return makeError("kernel '" + kernel.name + "' is launched with " +
                     Twine(shape.grid[0]) + "x" + Twine(shape.grid[1]) + "x" +
                     Twine(shape.grid[2]) +
                     " blocks, more than the emulator can count");
  if (shape.sharedBytes() > getSharedLimit(chip))
    return makeError("kernel '" + kernel.name + "' needs " +
                     Twine(shape.sharedBytes()) +
                     " bytes of shared memory, but a block of '" + chip +
                     "' has " + Twine(getSharedLimit(chip)));
  return Error::success();
}

Error Emulator::launch(const LaunchArguments &launch) {
  Expected<const Program *> program = getProgram(launch);
  if (!program)
    return program.takeError();
  const Kernel *kernel = (*program)->find(launch.kernel);
  if (!kernel)
    return makeError("the GPU module has no kernel '" + Twine(launch.kernel) +
                     "'");
  if (launch.num_arguments != kernel->numArguments)
    return makeError("kernel '" + kernel->name + "' takes " +
                     Twine(kernel->numArguments) + " arguments, but " +
                     Twine(launch.num_arguments) + " are given");
  LaunchShape shape;
  std::copy_n(launch.grid, 3, shape.grid);
  std::copy_n(launch.block, 3, shape.block);
  std::copy_n(launch.cluster, 3, shape.cluster);
  shape.warpWidth = (*program)->getOptions().warpWidth;
  // With what is left free between the static and the dynamic part.
  shape.staticSharedBytes = launch.shared_bytes ? kernel->dynamicSharedOffset
                                                : kernel->staticSharedBytes;
  shape.dynamicSharedBytes = launch.shared_bytes;
  if (Error error = checkShape(shape, *kernel, options.chip))
    return error;

  std::optional<KernelObserver> observer;
  if (options.checks != EmulatorChecks::None) {
    ObserverOptions observing;
    observing.kernel = kernel->name;
    observing.checkRaces = options.checks == EmulatorChecks::All;
    observing.checkUninitialised = observing.checkRaces;
    observing.count = observing.checkRaces;
    observing.dependent = launch.flags & SEEDNORM_RT_LAUNCH_DEPENDENT;
    auto minimum = minima.find(kernel->name);
    if (minimum != minima.end()) {
      observing.rows = minimum->second.rows;
      observing.minimumLoadBytes = minimum->second.loadBytes;
      observing.minimumStoreBytes = minimum->second.storeBytes;
    }
    observer.emplace(buffers, (*program)->getTables().sites, shape, observing);
  }
  uint32_t threads = options.numThreads
                         ? options.numThreads
                         : static_cast<uint32_t>(seednorm_rt_get_num_threads());
  Error error = Launch(**program, *kernel, shape, launch.arguments,
                       observer ? &*observer : nullptr, options.seed,
                       options.maxTurns, stacks)
                    .run(threads);
  if (observer)
    report.add(observer->finish());
  return error;
}

//===----------------------------------------------------------------------===//
// Matrix products
//===----------------------------------------------------------------------===//

/// Calls `visit(address, bytes)` for all elements of a batch of matrices, for
/// those that lie without gaps in one dimension at once, while it gives true.
template <typename Visit>
static void forEachRun(const void *data, int64_t width, ArrayRef<int64_t> sizes,
                       ArrayRef<int64_t> strides, Visit visit) {
  unsigned inner = strides[1] == 1 ? 1 : 2, outer = 3 - inner;
  bool isDense = strides[inner] == 1;
  int64_t count = isDense ? 1 : sizes[inner];
  uint64_t bytes = width * (isDense ? sizes[inner] : 1);
  for (int64_t batch = 0; batch < sizes[0]; ++batch)
    for (int64_t i = 0; i < sizes[outer]; ++i)
      for (int64_t j = 0; j < count; ++j) {
        int64_t element =
            batch * strides[0] + i * strides[outer] + j * strides[inner];
        if (!visit(reinterpret_cast<uint64_t>(data) + element * width, bytes))
          return;
      }
}

Error Emulator::checkMatrix(const char *what, const void *data, int32_t dtype,
                            ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides,
                            bool isRead, bool isResult) {
  int64_t width = dtype == SEEDNORM_RT_F32 ? 4 : 2, first = 0, last = 0;
  for (auto [size, stride] : zip(sizes, strides)) {
    if (size <= 0)
      return Error::success();
    (stride < 0 ? first : last) += (size - 1) * stride;
  }
  const char *begin = static_cast<const char *>(data) + first * width;
  auto bytes = static_cast<uint64_t>((last - first + 1) * width);
  auto address = reinterpret_cast<uint64_t>(begin);
  std::shared_ptr<Buffer> buffer = buffers.find(address);
  if (!buffer)
    return makeError("operand '" + Twine(what) +
                     "' of a matrix product is not in device memory");
  if (Error error = checkInside(
          begin, bytes, "operand '" + Twine(what) + "' of a matrix product"))
    return error;
  if (isRead && !buffer->isWritten(address, bytes))
    forEachRun(data, width, sizes, strides, [&](uint64_t from, uint64_t run) {
      uint64_t count = buffer->countWritten(from, run);
      if (count != run)
        noteUnwritten(
            "product",
            ("operand '" + Twine(what) + "' of a matrix product").str(),
            *buffer, from + count);
      return count == run;
    });
  if (isResult)
    forEachRun(data, width, sizes, strides, [&](uint64_t from, uint64_t run) {
      buffer->markWritten(from, run);
      return true;
    });
  return Error::success();
}

Error Emulator::multiply(const seednorm_rt_gemm_arguments &a) {
  if (Error error =
          checkMatrix("a", a.a, a.dtype, {a.batch, a.m, a.k},
                      {a.a_batch_stride, a.a_row_stride, a.a_col_stride},
                      /*isRead=*/true, /*isResult=*/false))
    return error;
  if (Error error =
          checkMatrix("b", a.b, a.dtype, {a.batch, a.k, a.n},
                      {a.b_batch_stride, a.b_row_stride, a.b_col_stride},
                      /*isRead=*/true, /*isResult=*/false))
    return error;
  if (Error error =
          checkMatrix("c", a.c, a.dtype, {a.batch, a.m, a.n},
                      {a.c_batch_stride, a.c_row_stride, a.c_col_stride},
                      /*isRead=*/a.accumulate, /*isResult=*/true))
    return error;
  auto multiplyOnHost = [](void **arguments) {
    auto &a = *static_cast<const seednorm_rt_gemm_arguments *>(arguments[0]);
    seednorm_rt_gemm(a.dtype, a.batch, a.m, a.n, a.k, a.a, a.a_batch_stride,
                     a.a_row_stride, a.a_col_stride, a.b, a.b_batch_stride,
                     a.b_row_stride, a.b_col_stride, a.c, a.c_batch_stride,
                     a.c_row_stride, a.c_col_stride, a.accumulate);
  };
  // The product of this thread's device would be this function.
  const seednorm_rt_device *device = seednorm_rt_set_device(nullptr);
  void *arguments[] = {const_cast<seednorm_rt_gemm_arguments *>(&a)};
  char message[512] = "";
  int32_t failed =
      seednorm_rt_invoke(+multiplyOnHost, arguments, message, sizeof(message));
  seednorm_rt_set_device(device);
  return failed ? makeError(message) : Error::success();
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

bool Emulator::hasFindings() const {
  std::lock_guard<std::mutex> lock(mutex);
  return report.hasFindings();
}

void Emulator::printFindings(raw_ostream &os) const {
  std::lock_guard<std::mutex> lock(mutex);
  for (const KernelReport &kernel : report.kernels())
    kernel.printFindings(os);
}

void Emulator::printReport(raw_ostream &os) const {
  std::lock_guard<std::mutex> lock(mutex);
  report.print(os);
}

json::Value Emulator::getReport() const {
  std::lock_guard<std::mutex> lock(mutex);
  return report.toJSON();
}

void Emulator::clearReport() {
  std::lock_guard<std::mutex> lock(mutex);
  report = ExecutionReport();
}

void Emulator::setMinimum(StringRef kernel, const KernelMinimum &minimum) {
  std::lock_guard<std::mutex> lock(mutex);
  minima[kernel] = minimum;
}

Expected<std::unique_ptr<EmulatorDevice>>
seednorm::createEmulatorDevice(const EmulatorOptions &options) {
  DeviceSpec spec{getDeviceKind(options.chip), options.chip, "llvm"};
  Expected<DeviceSpec> resolved = resolveDevice(spec);
  if (!resolved)
    return resolved.takeError();
  return std::unique_ptr<EmulatorDevice>(new Emulator(options));
}
