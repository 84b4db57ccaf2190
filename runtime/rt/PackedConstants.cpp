//===- PackedConstants.cpp - Weights in the kernels' layout --------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The registry of constants. Whoever runs a product holds the constant, so that
// unregistering meanwhile is safe for the copies (the bytes are the host's).
//
//===----------------------------------------------------------------------===//

#include "PackedConstants.h"
#include <algorithm>
#include <map>

namespace seednorm::rt {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<uintptr_t, std::shared_ptr<Constant>> constants;
};

Registry &getRegistry() {
  static Registry &registry = *new Registry;
  return registry;
}

bool isSame(const Matrix &x, const Matrix &y) {
  return x.type == y.type && x.data == y.data && x.batch == y.batch &&
         x.rows == y.rows && x.columns == y.columns &&
         x.batchStride == y.batchStride && x.rowStride == y.rowStride &&
         x.columnStride == y.columnStride;
}

} // namespace

std::shared_ptr<const PackedMatrix>
Constant::find(const Matrix &matrix, const dnnl::memory::desc &layout) {
  for (const auto &copy : copies)
    if (isSame(copy->source, matrix) && copy->layout == layout)
      return copy;
  return nullptr;
}

std::shared_ptr<const PackedMatrix> Constant::add(PackedMatrix packed) {
  copies.push_back(std::make_shared<const PackedMatrix>(std::move(packed)));
  return copies.back();
}

std::shared_ptr<const PackedMatrix>
Constant::getPacked(const Matrix &matrix, const dnnl::memory::desc &layout) {
  dnnl::memory::desc plain = describe(matrix);
  if (plain == layout)
    return nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  if (auto found = find(matrix, layout))
    return found;
  Memory memory = allocateMemory(layout.get_size());
  dnnl::memory from(plain, getEngine(), matrix.data);
  dnnl::memory to(layout, getEngine(), memory.get());
  dnnl::reorder(from, to).execute(getStream(), from, to);
  getStream().wait();
  return add({matrix, layout, {}, std::move(memory)});
}

std::shared_ptr<const PackedMatrix> Constant::getWidened(const Matrix &matrix) {
  std::lock_guard<std::mutex> lock(mutex);
  if (auto found = find(matrix, {}))
    return found;
  DenseMatrix dense = makeDense(matrix, ElementType::F32);
  return add({matrix, {}, dense.matrix, std::move(dense.memory)});
}

void Constant::addStatistics(seednorm_rt_statistics &statistics) {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &copy : copies) {
    ++statistics.packed_constants;
    statistics.packed_bytes +=
        copy->dense.data ? copy->dense.batch * copy->dense.batchStride * 4
                         : copy->layout.get_size();
  }
}

std::shared_ptr<Constant> findConstant(const Matrix &matrix) {
  if (matrix.batchStride <= 0 || matrix.rowStride <= 0 ||
      matrix.columnStride <= 0)
    return nullptr;
  auto begin = reinterpret_cast<uintptr_t>(matrix.data);
  auto end = reinterpret_cast<uintptr_t>(matrix.at(
                 matrix.batch - 1, matrix.rows - 1, matrix.columns - 1)) +
             getBytes(matrix.type);
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto after = registry.constants.upper_bound(begin);
  if (after == registry.constants.begin())
    return nullptr;
  auto &[start, constant] = *std::prev(after);
  return end - start <= constant->bytes ? constant : nullptr;
}

void getConstantStatistics(seednorm_rt_statistics &statistics) {
  statistics.packed_constants = statistics.packed_bytes = 0;
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  for (auto &[start, constant] : registry.constants)
    constant->addStatistics(statistics);
}

} // namespace seednorm::rt

using namespace seednorm::rt;

void seednorm_rt_register_constant(const void *pointer, uint64_t bytes) {
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto &constant = registry.constants[reinterpret_cast<uintptr_t>(pointer)];
  if (!constant) {
    constant = std::make_shared<Constant>(bytes);
    return;
  }
  ++constant->registrations;
  constant->bytes = std::max(constant->bytes, bytes);
}

void seednorm_rt_unregister_constant(const void *pointer) {
  Registry &registry = getRegistry();
  std::lock_guard<std::mutex> lock(registry.mutex);
  auto found = registry.constants.find(reinterpret_cast<uintptr_t>(pointer));
  if (found != registry.constants.end() && --found->second->registrations == 0)
    registry.constants.erase(found);
}
