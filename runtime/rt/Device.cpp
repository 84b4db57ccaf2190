//===- Device.cpp - Compiled code's memory on a device -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hands work to the thread's device, and remembers for each device which parts
// of modules it has copies of. No destructor may be pending at fail().
//
//===----------------------------------------------------------------------===//

#include "Device.h"
#include "Failure.h"
#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace seednorm::rt {
namespace {

constexpr uint64_t deviceAlignment = 256;
/// Devices may round up without a thought.
constexpr uint64_t maxBytes = uint64_t(1) << 62;
/// Longer than any reason that a device gives, but for compilers' logs.
constexpr size_t messageBytes = 512;

thread_local const seednorm_rt_device *current = nullptr;

/// What a device holds of compiled modules.
struct Holdings {
  std::map<std::pair<const void *, uint64_t>, void *> constants;
  std::vector<const void *> binaries;
};

/// Of all devices. Never destroyed: modules may go while the process ends.
struct Registry {
  std::mutex mutex;
  std::unordered_map<const seednorm_rt_device *, Holdings> holdings;
};

Registry &getRegistry() {
  static Registry &registry = *new Registry;
  return registry;
}

/// The device's copy of the bytes, made if there is none; null with a text in
/// `message` if that fails.
void *findConstant(const seednorm_rt_device &device, const void *host,
                   uint64_t bytes, char *message) {
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto &constants = registry.holdings[&device].constants;
  auto found = constants.find({host, bytes});
  if (found != constants.end())
    return found->second;
  void *copy = nullptr;
  if (device.allocate(device.context, bytes, &copy, message, messageBytes))
    return nullptr;
  // Other threads find it without waiting for this one's work.
  if (device.copy(device.context, copy, host, bytes, message, messageBytes) ||
      device.synchronize(device.context, message, messageBytes)) {
    char ignored[messageBytes];
    device.release(device.context, copy, ignored, sizeof(ignored));
    return nullptr;
  }
  constants[{host, bytes}] = copy;
  return copy;
}

void rememberBinary(const seednorm_rt_device &device, const void *binary) {
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto &binaries = registry.holdings[&device].binaries;
  if (std::find(binaries.begin(), binaries.end(), binary) == binaries.end())
    binaries.push_back(binary);
}

/// Whether another view of the same device has run the binary.
bool isShared(Registry &registry, const seednorm_rt_device &device,
              const void *binary) {
  for (auto &[other, holdings] : registry.holdings)
    if (other->context == device.context &&
        std::find(holdings.binaries.begin(), holdings.binaries.end(), binary) !=
            holdings.binaries.end())
      return true;
  return false;
}

} // namespace

const seednorm_rt_device *getDevice() { return current; }

void DeviceBlocks::release() {
  char ignored[messageBytes];
  for (auto &[pointer, device] : blocks)
    device->release(device->context, pointer, ignored, sizeof(ignored));
  blocks.clear();
}

void *allocateOnDevice(const seednorm_rt_device &device, uint64_t alignment,
                       uint64_t bytes) {
  if (alignment > deviceAlignment)
    fail("a device buffer is to be aligned to %llu bytes, but %llu are the "
         "most",
         (unsigned long long)alignment, (unsigned long long)deviceAlignment);
  if (bytes > maxBytes)
    fail("out of memory: a buffer of %llu bytes", (unsigned long long)bytes);
  void *pointer = nullptr;
  char message[messageBytes] = "";
  if (device.allocate(device.context, bytes, &pointer, message,
                      sizeof(message)))
    fail("%s", message);
  if (DeviceBlocks *list = getInvocationDeviceBlocks())
    list->blocks[pointer] = &device;
  return pointer;
}

void freeOnDevice(const seednorm_rt_device &device, void *pointer) {
  for (DeviceBlocks *list = getInvocationDeviceBlocks(); list;
       list = list->outer)
    if (list->blocks.erase(pointer))
      break;
  char message[messageBytes] = "";
  if (device.release(device.context, pointer, message, sizeof(message)))
    fail("%s", message);
}

void multiplyOnDevice(const seednorm_rt_device &device,
                      const seednorm_rt_gemm_arguments &arguments) {
  char message[messageBytes] = "";
  if (device.gemm(device.context, &arguments, message, sizeof(message)))
    fail("matrix product of %lld x %lldx%lld by %lldx%lld: %s",
         (long long)arguments.batch, (long long)arguments.m,
         (long long)arguments.k, (long long)arguments.k, (long long)arguments.n,
         message);
}

} // namespace seednorm::rt

using namespace seednorm::rt;

const seednorm_rt_device *
seednorm_rt_set_device(const seednorm_rt_device *device) {
  return std::exchange(current, device);
}

void seednorm_rt_launch(const struct seednorm_rt_launch *launch) {
  if (!current)
    fail("kernel '%s' is to be launched, but this thread has no device",
         launch->kernel);
  // Of no rows, say; devices refuse such a launch.
  if (!launch->grid[0] || !launch->grid[1] || !launch->grid[2])
    return;
  rememberBinary(*current, launch->binary);
  char message[messageBytes] = "";
  if (current->launch(current->context, launch, message, sizeof(message)))
    fail("kernel '%s': %s", launch->kernel, message);
}

const void *seednorm_rt_constant(const void *host, uint64_t bytes) {
  if (!current)
    fail("a constant is to be copied to a device, but this thread has none");
  char message[messageBytes] = "";
  void *copy = findConstant(*current, host, bytes, message);
  if (!copy)
    fail("a constant of %llu bytes: %s", (unsigned long long)bytes, message);
  return copy;
}

void seednorm_rt_forget_device(const seednorm_rt_device *device) {
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto found = registry.holdings.find(device);
  if (found == registry.holdings.end())
    return;
  Holdings holdings = std::move(found->second);
  registry.holdings.erase(found);
  char ignored[messageBytes];
  for (auto &[key, copy] : holdings.constants)
    device->release(device->context, copy, ignored, sizeof(ignored));
  for (const void *binary : holdings.binaries)
    if (device->unload && !isShared(registry, *device, binary))
      device->unload(device->context, binary);
}
