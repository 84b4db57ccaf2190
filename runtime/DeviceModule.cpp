//===- DeviceModule.cpp - A compiled module on a device -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An entry runs plainly when inputs of certain shapes come for the first time,
// which loads all it needs; the second time it is recorded, and from then on
// replayed.
//
//===----------------------------------------------------------------------===//

#include "DeviceModule.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace seednorm;

/// Serving has lengths without number, and each recording takes memory.
static constexpr size_t maxShapes = 64;

DeviceModule::DeviceModule(std::shared_ptr<Device> given)
    : device(std::move(given)), interface(device->getInterface()),
      recorder(device->createRecorder()) {}

DeviceModule::~DeviceModule() {
  dropRecordings();
  parameters.clear();
  seednorm_rt_forget_device(&interface);
}

Error DeviceModule::bind(const std::map<std::string, Tensor> &values) {
  std::map<std::string, DeviceBuffer> fresh;
  for (auto &[name, tensor] : values) {
    auto buffer = DeviceBuffer::allocate(interface, tensor.getByteSize());
    if (!buffer)
      return makeError("parameter " + quote(name) + ": " +
                       toString(buffer.takeError()));
    if (Error error = copyOnDevice(interface, buffer->getData(),
                                   tensor.getData(), tensor.getByteSize()))
      return makeError("parameter " + quote(name) + ": " +
                       toString(std::move(error)));
    fresh.insert({name, std::move(*buffer)});
  }
  // Other threads do not wait for this one's work.
  if (Error error = synchronizeDevice(interface))
    return error;
  dropRecordings();
  parameters = std::move(fresh);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// Copies a result with any strides into a fresh row-major tensor.
static Expected<Tensor> fetch(const seednorm_rt_device &device,
                              const TensorSpec &spec, const TensorView &view) {
  // Checks the shape, and says whether the strides are plain.
  Expected<Tensor> shape =
      Tensor::borrow(view.data, spec.dtype, view.shape, view.strides);
  if (!shape)
    return shape.takeError();
  if (shape->isContiguous()) {
    Expected<Tensor> tensor = Tensor::allocate(spec.dtype, view.shape);
    if (!tensor)
      return tensor.takeError();
    if (Error error = copyOnDevice(device, tensor->getData(), view.data,
                                   tensor->getByteSize()))
      return error;
    return tensor;
  }
  int64_t first = 0, last = 0;
  for (auto [size, stride] : zip(view.shape, view.strides))
    (stride < 0 ? first : last) += (size - 1) * stride;
  auto element = static_cast<int64_t>(getElementSize(spec.dtype));
  Expected<Tensor> span =
      Tensor::allocate(DType::I8, {(last - first + 1) * element});
  if (!span)
    return span.takeError();
  if (Error error =
          copyOnDevice(device, span->getData(), view.data + first * element,
                       span->getByteSize()))
    return error;
  auto strided = Tensor::borrow(span->getDataAs<char>() - first * element,
                                spec.dtype, view.shape, view.strides);
  if (!strided)
    return strided.takeError();
  return strided->copy();
}

Expected<SmallVector<Tensor>>
DeviceModule::fetchResults(const EntrySpec &entry, const CallFrame &frame) {
  auto fail = [&](Error error) {
    return makeError("entry " + quote(entry.name) +
                     " failed: " + toString(std::move(error)));
  };
  // What went wrong in a kernel is known now, whatever the results are.
  if (Error error = synchronizeDevice(interface))
    return fail(std::move(error));
  SmallVector<Tensor> results;
  for (auto [i, spec] : enumerate(entry.results)) {
    Expected<Tensor> result = fetch(interface, spec, frame.getResult(i));
    if (!result)
      return fail(result.takeError());
    results.push_back(std::move(*result));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static SmallVector<int64_t> getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  return strides;
}

static SmallVector<Tensor> selectInputs(const EntrySpec &entry,
                                        ArrayRef<Tensor> arguments) {
  SmallVector<Tensor> inputs;
  for (auto [spec, tensor] : zip(entry.inputs, arguments))
    if (!spec.isParameter())
      inputs.push_back(tensor);
  return inputs;
}

static void addArgument(CallFrame &frame, void *data, const Tensor &tensor) {
  frame.addArgument(data, tensor.getShape(),
                    getRowMajorStrides(tensor.getShape()));
}

Expected<SmallVector<Tensor>>
DeviceModule::runPlainly(const EntrySpec &entry, EntryFunction function,
                         ArrayRef<Tensor> arguments) {
  std::vector<DeviceBuffer> inputs;
  CallFrame frame(entry);
  for (auto [spec, tensor] : zip(entry.inputs, arguments)) {
    if (spec.isParameter()) {
      addArgument(frame, parameters.at(spec.param).getData(), tensor);
      continue;
    }
    uint64_t bytes = tensor.getByteSize();
    auto input = DeviceBuffer::allocate(interface, bytes);
    Error error = input ? copyOnDevice(interface, input->getData(),
                                       tensor.getData(), bytes)
                        : input.takeError();
    if (error)
      return makeError("input " + quote(spec.name) + " of entry " +
                       quote(entry.name) + ": " + toString(std::move(error)));
    addArgument(frame, input->getData(), tensor);
    inputs.push_back(std::move(*input));
  }
  {
    DeviceScope scope(interface);
    if (Error error = frame.call(function)) {
      // Kernels before the failure may still run. What they say of it comes
      // second.
      consumeError(synchronizeDevice(interface));
      return error;
    }
  }
  std::vector<DeviceBuffer> owned;
  for (size_t i = 0; i < entry.results.size(); ++i)
    owned.emplace_back(interface, frame.getResult(i).allocated);
  return fetchResults(entry, frame);
}

Expected<SmallVector<Tensor>> DeviceModule::run(const EntrySpec &entry,
                                                EntryFunction function,
                                                ArrayRef<Tensor> arguments) {
  SmallVector<Tensor> contiguous;
  for (const Tensor &argument : arguments) {
    Expected<Tensor> tensor = argument.contiguous();
    if (!tensor)
      return tensor.takeError();
    contiguous.push_back(std::move(*tensor));
  }
  if (auto results = tryReplay(entry, function, contiguous))
    return std::move(*results);
  auto results = runPlainly(entry, function, contiguous);
  if (results)
    return results;
  // The memory that recordings hold may be just what is missing.
  std::string text = toString(results.takeError());
  if (StringRef(text).contains("out of memory") && dropRecordings())
    return runPlainly(entry, function, contiguous);
  return makeError(text);
}

//===----------------------------------------------------------------------===//
// Recordings
//===----------------------------------------------------------------------===//

std::optional<Expected<SmallVector<Tensor>>>
DeviceModule::tryReplay(const EntrySpec &entry, EntryFunction function,
                        ArrayRef<Tensor> arguments) {
  // Who comes while another thread replays runs beside it.
  std::unique_lock<std::mutex> lock(recordingMutex, std::try_to_lock);
  if (!lock || !recorder)
    return std::nullopt;
  Key key = {entry.name, {}};
  for (auto [spec, tensor] : zip(entry.inputs, arguments))
    if (!spec.isParameter())
      llvm::append_range(key.second, tensor.getShape());
  auto [found, isNew] = shapes.try_emplace(std::move(key));
  Shape &shape = found->second;
  shape.lastUse = ++clock;
  if (isNew) {
    limitShapes();
    return std::nullopt;
  }
  if (shape.state == Shape::Seen)
    record(shape, entry, function, arguments);
  if (shape.state == Shape::Refused)
    return std::nullopt;
  for (auto [i, tensor] : enumerate(selectInputs(entry, arguments)))
    if (Error error = copyOnDevice(interface, shape.inputs[i], tensor.getData(),
                                   tensor.getByteSize()))
      return makeError("entry " + quote(entry.name) +
                       " failed: " + toString(std::move(error)));
  if (Error error = shape.recording->replay()) {
    consumeError(std::move(error));
    shape = Shape{Shape::Refused, shape.lastUse, nullptr, {}, nullptr};
    return std::nullopt;
  }
  return fetchResults(entry, *shape.frame);
}

/// Records the entry, or refuses to.
void DeviceModule::record(Shape &shape, const EntrySpec &entry,
                          EntryFunction function, ArrayRef<Tensor> arguments) {
  shape.frame = std::make_unique<CallFrame>(entry);
  auto work = [&]() -> Error {
    for (auto [spec, tensor] : zip(entry.inputs, arguments)) {
      if (spec.isParameter()) {
        addArgument(*shape.frame, parameters.at(spec.param).getData(), tensor);
        continue;
      }
      auto input = DeviceBuffer::allocate(interface, tensor.getByteSize());
      if (!input)
        return input.takeError();
      addArgument(*shape.frame, input->getData(), tensor);
      shape.inputs.push_back(input->take());
    }
    DeviceScope scope(interface);
    return shape.frame->call(function);
  };
  Expected<std::unique_ptr<Recording>> recording = recorder->record(work);
  if (recording) {
    shape.recording = std::move(*recording);
    shape.state = Shape::Recorded;
    return;
  }
  // It runs plainly, and if that fails too the caller will hear of it.
  consumeError(recording.takeError());
  shape = Shape{Shape::Refused, shape.lastUse, nullptr, {}, nullptr};
}

void DeviceModule::limitShapes() {
  if (shapes.size() <= maxShapes)
    return;
  shapes.erase(std::min_element(shapes.begin(), shapes.end(),
                                [](const auto &a, const auto &b) {
                                  return a.second.lastUse < b.second.lastUse;
                                }));
}

/// Whether that gave memory back.
bool DeviceModule::dropRecordings() {
  std::lock_guard<std::mutex> lock(recordingMutex);
  shapes.clear();
  if (!recorder || !recorder->holdsMemory())
    return false;
  recorder = device->createRecorder();
  return true;
}
