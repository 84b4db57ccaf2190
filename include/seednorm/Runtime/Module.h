//===- Module.h - Compiled models, ready to run -----------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ interface of the runtime: load a compiled module, bind its
// parameters, run its entries on tensors. How modules are compiled is
// Compile.h's.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_RUNTIME_MODULE_H
#define SEEDNORM_RUNTIME_MODULE_H

#include "seednorm/Runtime/Compile.h"
#include "seednorm/Runtime/Device.h"
#include "seednorm/Runtime/Parameters.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

namespace seednorm {

class DeviceModule;
class LoadedCode;

/// Whether the name is that of a compiled object (.o) or shared library (.so),
/// as against model IR.
bool isCompiledFile(llvm::StringRef path);

/// The threads that parallel loops and matrix products of the whole process
/// use, at most 4096; 0 is the default: OMP_NUM_THREADS or the cores available.
void setNumThreads(int32_t count);
int32_t getNumThreads();

/// A compiled module. Running is safe from many threads at once; binding is
/// not safe while something runs.
class Module {
public:
  /// Compiles model IR in MLIR's text form for this machine; `name` is for
  /// messages. See Compile.h for files and other outputs.
  static llvm::Expected<std::unique_ptr<Module>>
  compile(llvm::StringRef source, const CompileOptions &options = {},
          llvm::StringRef name = "<memory>");
  /// Loads a compiled object (.o) or shared library (.so).
  static llvm::Expected<std::unique_ptr<Module>>
  loadObject(llvm::StringRef path);
  /// Links an object that lies in memory.
  static llvm::Expected<std::unique_ptr<Module>>
  linkObject(std::unique_ptr<llvm::MemoryBuffer> object);
  ~Module();

  llvm::ArrayRef<EntrySpec> getEntries() const { return spec.entries; }
  /// What the code was generated for.
  const TargetSpec &getTarget() const { return spec.target; }
  const DeviceSpec &getDeviceSpec() const { return spec.device; }
  const CompileReport &getReport() const { return report; }

  /// Takes the values of all parameters of all entries. The names must match
  /// exactly, and types and shapes too. On an error nothing changes.
  llvm::Error bindParameters(const Safetensors &weights);

  const Parameters &getParameters() const { return parameters; }

  /// Runs the entries on this device from now on, which a module compiled for
  /// one needs; bound parameters are copied there. Not safe while something
  /// runs. On an error nothing changes.
  llvm::Error setDevice(std::shared_ptr<Device> device);

  /// Calls an entry with its inputs in order, parameters left out. Inputs and
  /// results are in host memory, also with a device. The results are fresh,
  /// and their memory goes when the last copy of each is gone.
  llvm::Expected<llvm::SmallVector<Tensor>>
  run(llvm::StringRef entry, llvm::ArrayRef<Tensor> inputs) const;

private:
  Module() = default;
  static llvm::Expected<std::unique_ptr<Module>> create(
      llvm::StringRef metadata,
      llvm::function_ref<llvm::Expected<std::unique_ptr<LoadedCode>>()> load);
  llvm::Expected<llvm::SmallVector<Tensor>>
  runOnHost(const EntrySpec &entry, llvm::ArrayRef<Tensor> arguments) const;

  ModuleSpec spec;
  CompileReport report;
  std::unique_ptr<LoadedCode> code;
  llvm::StringMap<void (*)(void **)> functions;
  Parameters parameters;
  /// Goes before the code.
  std::unique_ptr<DeviceModule> onDevice;
};

} // namespace seednorm

#endif // SEEDNORM_RUNTIME_MODULE_H
