//===- Loader.cpp - Compiled objects in this process ---------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ORC for objects, dlopen for shared libraries. Files are read critically
// first: dlopen of a truncated library dies of SIGBUS.
//
//===----------------------------------------------------------------------===//

#include "Loader.h"
#include "seednorm/Runtime/Entry.h"
#include "seednorm/Runtime/RuntimeABI.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include <dlfcn.h>

using namespace llvm;
using namespace seednorm;

LoadedCode::~LoadedCode() = default;

//===----------------------------------------------------------------------===//
// Inspection
//===----------------------------------------------------------------------===//

/// The bytes of a data symbol as far as the first NUL.
static Expected<std::string> readText(const object::ELFSymbolRef &symbol) {
  Expected<object::section_iterator> section = symbol.getSection();
  if (!section)
    return section.takeError();
  if (*section == symbol.getObject()->section_end())
    return makeError("the module's metadata is not defined");
  Expected<StringRef> contents = (*section)->getContents();
  if (!contents)
    return contents.takeError();
  Expected<uint64_t> address = symbol.getAddress();
  if (!address)
    return address.takeError();
  uint64_t start = (*section)->getAddress();
  if (*address < start || *address - start > contents->size())
    return makeError("the module's metadata lies outside of its section");
  StringRef text = contents->substr(*address - start, symbol.getSize());
  size_t end = text.find('\0');
  if (end == StringRef::npos)
    return makeError("the module's metadata has no end");
  return text.take_front(end).str();
}

static Expected<std::string>
findMetadata(const object::ELFObjectFileBase &file) {
  auto symbols = file.getEType() == ELF::ET_DYN
                     ? file.getDynamicSymbolIterators()
                     : file.symbols();
  for (const object::ELFSymbolRef &symbol : symbols) {
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (*name == kMetadataSymbol)
      return readText(symbol);
  }
  return makeError("it has no '" + kMetadataSymbol +
                   "', so it is no compiled module");
}

/// An error if a segment that will be mapped lies beyond the end of the file.
template <typename ELFT>
static Error checkSegments(const object::ELFObjectFile<ELFT> &file) {
  auto headers = file.getELFFile().program_headers();
  if (!headers)
    return headers.takeError();
  uint64_t size = file.getMemoryBufferRef().getBufferSize();
  for (const auto &header : *headers)
    if (header.p_offset > size || header.p_filesz > size - header.p_offset)
      return makeError("it is truncated");
  return Error::success();
}

static Expected<ObjectInfo> inspect(MemoryBufferRef buffer) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createObjectFile(buffer);
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<object::ELFObjectFileBase>(file->get());
  if (!elf)
    return makeError("it is not an ELF file");
  ObjectInfo info;
  info.isSharedLibrary = elf->getEType() == ELF::ET_DYN;
  if (auto *native = dyn_cast<object::ELF64LEObjectFile>(elf))
    if (Error error = checkSegments(*native))
      return error;
  for (const object::SectionRef &section : elf->sections())
    if (section.isText())
      info.codeBytes += section.getSize();
  Expected<std::string> metadata = findMetadata(*elf);
  if (!metadata)
    return metadata.takeError();
  info.metadata = std::move(*metadata);
  return info;
}

Expected<ObjectInfo> seednorm::inspectObject(MemoryBufferRef buffer) {
  Expected<ObjectInfo> info = inspect(buffer);
  if (!info)
    return makeError("cannot load " + quote(buffer.getBufferIdentifier()) +
                     ": " + toString(info.takeError()));
  return info;
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

namespace {

Error appendPerfMap(jitlink::LinkGraph &graph) {
  std::error_code code;
  raw_fd_ostream stream(
      "/tmp/perf-" + std::to_string(sys::Process::getProcessId()) + ".map",
      code, sys::fs::CD_OpenAlways, sys::fs::FA_Write, sys::fs::OF_Append);
  if (code)
    return Error::success();
  for (jitlink::Symbol *symbol : graph.defined_symbols())
    if (symbol->hasName() && symbol->isCallable())
      stream << format_hex_no_prefix(symbol->getAddress().getValue(), 1) << ' '
             << format_hex_no_prefix(symbol->getSize(), 1) << ' '
             << *symbol->getName() << '\n';
  stream.flush();
  stream.clear_error();
  return Error::success();
}

/// Lets `perf report` name compiled code: one line a function in the file that
/// perf looks for. On when SEEDNORM_PERF is set.
class PerfMapPlugin : public orc::ObjectLinkingLayer::Plugin {
public:
  void modifyPassConfig(orc::MaterializationResponsibility &,
                        jitlink::LinkGraph &,
                        jitlink::PassConfiguration &config) override {
    config.PostFixupPasses.emplace_back(appendPerfMap);
  }
  Error notifyFailed(orc::MaterializationResponsibility &) override {
    return Error::success();
  }
  Error notifyRemovingResources(orc::JITDylib &, orc::ResourceKey) override {
    return Error::success();
  }
  void notifyTransferringResources(orc::JITDylib &, orc::ResourceKey,
                                   orc::ResourceKey) override {}
};

class LinkedObject : public LoadedCode {
public:
  static Expected<std::unique_ptr<LoadedCode>>
  create(std::unique_ptr<MemoryBuffer> object);

  Expected<void *> lookup(StringRef symbol) override {
    Expected<orc::ExecutorAddr> address = jit->lookup(symbol);
    if (!address) {
      std::string text = toString(address.takeError());
      return makeError(reported.empty() ? text : reported);
    }
    return address->toPtr<void *>();
  }

private:
  Error defineRuntime();

  /// ORC reports why linking failed apart from the failure.
  std::string reported;
  std::unique_ptr<orc::LLJIT> jit;
};

Expected<std::unique_ptr<LoadedCode>>
LinkedObject::create(std::unique_ptr<MemoryBuffer> object) {
  static bool initialized = [] {
    InitializeNativeTarget();
    InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialized;
  auto result = std::make_unique<LinkedObject>();
  // Objects have no initialisers, so no platform is needed to run them.
  Expected<std::unique_ptr<orc::LLJIT>> jit =
      orc::LLJITBuilder().setPlatformSetUp(orc::setUpInactivePlatform).create();
  if (!jit)
    return jit.takeError();
  result->jit = std::move(*jit);
  result->jit->getExecutionSession().setErrorReporter(
      [&reported = result->reported](Error error) {
        std::string text = toString(std::move(error));
        if (reported.empty())
          reported = std::move(text);
      });
  if (std::getenv("SEEDNORM_PERF"))
    if (auto *layer = dyn_cast<orc::ObjectLinkingLayer>(
            &result->jit->getObjLinkingLayer()))
      layer->addPlugin(std::make_shared<PerfMapPlugin>());
  if (Error error = result->defineRuntime())
    return error;
  if (Error error = result->jit->addObjectFile(std::move(object)))
    return error;
  return result;
}

/// By address: in a host that loaded us privately (a Python extension, say) a
/// search of the process' symbols would not find them.
Error LinkedObject::defineRuntime() {
  orc::SymbolMap symbols;
  auto define = [&](StringRef name, auto *function) {
    symbols[jit->mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                           JITSymbolFlags::Exported |
                                               JITSymbolFlags::Callable};
  };
#define DEFINE(function) define(#function, &function)
  DEFINE(_mlir_memref_to_llvm_alloc);
  DEFINE(_mlir_memref_to_llvm_aligned_alloc);
  DEFINE(_mlir_memref_to_llvm_free);
  DEFINE(seednorm_rt_parallel_for);
  DEFINE(seednorm_rt_gemm);
  DEFINE(seednorm_rt_launch);
  DEFINE(seednorm_rt_constant);
  DEFINE(seednorm_rt_fail);
#undef DEFINE
  return jit->getMainJITDylib().define(
      orc::absoluteSymbols(std::move(symbols)));
}

//===----------------------------------------------------------------------===//
// Shared libraries
//===----------------------------------------------------------------------===//

class SharedLibrary : public LoadedCode {
public:
  explicit SharedLibrary(void *handle) : handle(handle) {}
  ~SharedLibrary() override { dlclose(handle); }

  Expected<void *> lookup(StringRef symbol) override {
    if (void *address = dlsym(handle, symbol.str().c_str()))
      return address;
    return makeError("it has no symbol " + quote(symbol));
  }

private:
  void *handle;
};

} // namespace

Expected<std::unique_ptr<LoadedCode>>
seednorm::linkObject(std::unique_ptr<MemoryBuffer> object) {
  return LinkedObject::create(std::move(object));
}

Expected<std::unique_ptr<LoadedCode>>
seednorm::openSharedLibrary(StringRef path) {
  // Without a slash dlopen would search elsewhere.
  SmallString<128> absolute(path);
  if (std::error_code code = sys::fs::make_absolute(absolute))
    return makeError("cannot load " + quote(path) + ": " + code.message());
  if (void *handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL))
    return std::make_unique<SharedLibrary>(handle);
  const char *why = dlerror();
  return makeError("cannot load " + quote(path) + ": " +
                   (why ? why : "unknown reason"));
}
