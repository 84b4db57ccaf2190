//===- PTX.cpp - What a kernel's PTX says of its cost --------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One table says what an instruction is counted as. It must not know how the
// text is split.
//
//===----------------------------------------------------------------------===//

#include "seednorm/GPUReport/PTX.h"
#include "PTXParser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include <optional>

using namespace llvm;
using namespace seednorm;
using namespace seednorm::gpureport;

StringRef gpureport::getName(Space space) {
  switch (space) {
  case Space::Global:
    return "global";
  case Space::Shared:
    return "shared";
  case Space::Local:
    return "local";
  case Space::Generic:
    return "generic";
  }
  llvm_unreachable("all spaces have a name");
}

StringRef gpureport::getName(AccessKind kind) {
  switch (kind) {
  case AccessKind::Load:
    return "load";
  case AccessKind::Store:
    return "store";
  case AccessKind::Atomic:
    return "atomic";
  case AccessKind::AsyncCopy:
    return "async copy";
  }
  llvm_unreachable("all kinds have a name");
}

Count PTXKernel::count(Space space, AccessKind kind, unsigned leastBits) const {
  Count count;
  for (const Access &access : accesses)
    if (access.space == space && access.kind == kind &&
        access.bits >= leastBits) {
      count.total += access.count.total;
      count.inLoops += access.count.inLoops;
    }
  return count;
}

Count PTXKernel::countGlobalBytes() const {
  Count bytes;
  for (const Access &access : accesses)
    if (access.space == Space::Global) {
      bytes.total += access.count.total * access.bits / 8;
      bytes.inLoops += access.count.inLoops * access.bits / 8;
    }
  return bytes;
}

//===----------------------------------------------------------------------===//
// One instruction
//===----------------------------------------------------------------------===//

/// Bits of a type such as `f32` or `bf16x2`; none for what is no type.
static std::optional<unsigned> getTypeBits(StringRef modifier) {
  StringRef digits = modifier;
  if (!digits.consume_front("bf") && !digits.consume_front("b") &&
      !digits.consume_front("f") && !digits.consume_front("u") &&
      !digits.consume_front("s"))
    return std::nullopt;
  unsigned lanes = 1, bits;
  auto [width, count] = digits.split('x');
  if (width.getAsInteger(10, bits) || bits > 1024 ||
      (!count.empty() && (count.getAsInteger(10, lanes) || lanes > 16)))
    return std::nullopt;
  return bits * lanes;
}

/// A state space as instructions name it; none for what is counted nowhere
/// (parameters and constants).
static std::optional<Space> getSpace(const PTXInstruction &instruction) {
  for (StringRef modifier : instruction.modifiers) {
    StringRef base = modifier.split("::").first;
    if (base == "global")
      return Space::Global;
    if (base == "shared")
      return Space::Shared;
    if (base == "local")
      return Space::Local;
    if (base == "param" || base == "const")
      return std::nullopt;
  }
  return Space::Generic;
}

/// `ld`, `st`, `atom` and their like.
static std::optional<Access> getPlainAccess(const PTXInstruction &instruction,
                                            AccessKind kind) {
  std::optional<Space> space = getSpace(instruction);
  if (!space)
    return std::nullopt;
  unsigned lanes = 1, bits = 0;
  SmallVector<StringRef> hints;
  for (StringRef modifier : instruction.modifiers) {
    StringRef base = modifier.split("::").first;
    if (base == "global" || base == "shared" || base == "local")
      continue;
    if (modifier == "v2" || modifier == "v4" || modifier == "v8")
      lanes = modifier.back() - '0';
    else if (std::optional<unsigned> width = getTypeBits(modifier))
      bits = *width;
    else
      hints.push_back(modifier);
  }
  return Access{*space, kind, bits * lanes, join(hints, "."), {}};
}

/// `cp.async`, with its size as the third operand, or in bulk, where the size
/// is no constant as a rule.
static std::optional<Access> getAsyncCopy(const PTXInstruction &instruction) {
  if (!instruction.has("async") || instruction.has("commit_group") ||
      instruction.has("wait_group") || instruction.has("wait_all") ||
      instruction.has("mbarrier"))
    return std::nullopt;
  unsigned bytes = 0;
  SmallVector<StringRef> operands;
  instruction.operands.split(operands, ',');
  if (!instruction.has("bulk") &&
      (operands.size() < 3 || operands[2].trim().getAsInteger(10, bytes) ||
       bytes > 16))
    bytes = 0;
  // The destination is named first, the source last.
  Space source = Space::Generic;
  SmallVector<StringRef> hints;
  for (StringRef modifier : instruction.modifiers) {
    StringRef base = modifier.split("::").first;
    if (base == "global" || base == "shared")
      source = base == "global" ? Space::Global : Space::Shared;
    else if (modifier != "async")
      hints.push_back(modifier);
  }
  return Access{source, AccessKind::AsyncCopy, bytes * 8, join(hints, "."), {}};
}

static std::optional<Access> getAccess(const PTXInstruction &instruction) {
  StringRef name = instruction.name;
  if (name == "ld" || name == "ldu")
    return getPlainAccess(instruction, AccessKind::Load);
  if (name == "st")
    return getPlainAccess(instruction, AccessKind::Store);
  if (name == "atom" || name == "red")
    return getPlainAccess(instruction, AccessKind::Atomic);
  if (name == "cp")
    return getAsyncCopy(instruction);
  return std::nullopt;
}

/// The count that an instruction belongs to beside that of all; null: none.
static Count *getCount(PTXKernel &kernel, const PTXInstruction &instruction) {
  StringRef name = instruction.name;
  if (name == "bar" || name == "barrier") {
    // Those of a warp are no more than an order of memory accesses.
    if (instruction.has("warp"))
      return nullptr;
    if (!instruction.has("cluster"))
      return &kernel.barriers;
    return instruction.has("wait") ? &kernel.clusterBarriers : nullptr;
  }
  if (name == "div")
    return any_of(instruction.modifiers,
                  [](StringRef m) { return m == "f32" || m == "f64"; })
               ? &kernel.specialFunctions
               : nullptr;
  for (StringRef modifier : instruction.modifiers)
    if (modifier == "f16x2" || modifier == "bf16x2" || modifier == "f32x2")
      return &kernel.packed;
  return StringSwitch<Count *>(name)
      .Case("shfl", &kernel.shuffles)
      .Cases({"vote", "redux", "match"}, &kernel.votes)
      .Cases({"sin", "cos", "ex2", "lg2", "rsqrt", "rcp", "sqrt", "tanh"},
             &kernel.specialFunctions)
      .Case("call", &kernel.calls)
      .Default(nullptr);
}

//===----------------------------------------------------------------------===//
// One kernel
//===----------------------------------------------------------------------===//

/// The numbers after a directive, multiplied: `.maxntid 32, 4` is 128.
static std::optional<unsigned> readProduct(StringRef directives,
                                           StringRef directive) {
  size_t at = directives.find(directive);
  if (at == StringRef::npos)
    return std::nullopt;
  StringRef text = directives.drop_front(at + directive.size());
  uint64_t product = 1;
  do {
    unsigned factor;
    text = text.ltrim();
    if (text.consumeInteger(10, factor) || factor > 65536 || product > 65536)
      return std::nullopt;
    product *= factor;
    text = text.ltrim();
  } while (text.consume_front(","));
  return product > 65536 ? std::nullopt : std::optional<unsigned>(product);
}

namespace {

class KernelReader {
public:
  explicit KernelReader(const PTXEntry &entry) : entry(entry) {
    kernel.name = entry.name;
  }
  PTXKernel run();

private:
  void readDirectives();
  void addAccess(const Access &access, unsigned depth);
  void followLoads(const PTXInstruction &instruction,
                   const std::optional<Access> &access);

  const PTXEntry &entry;
  PTXKernel kernel;
  unsigned pendingBytes = 0;
};

} // namespace

void KernelReader::readDirectives() {
  if (auto threads = readProduct(entry.directives, ".reqntid")) {
    kernel.threads = *threads;
    kernel.exact = true;
  } else {
    kernel.threads = readProduct(entry.directives, ".maxntid").value_or(0);
  }
  kernel.clusterCTAs =
      readProduct(entry.directives, ".reqnctapercluster").value_or(0);
}

void KernelReader::addAccess(const Access &access, unsigned depth) {
  auto key = [](const Access &a) {
    return std::tie(a.space, a.kind, a.bits, a.hints);
  };
  auto found = find_if(kernel.accesses, [&](const Access &other) {
    return key(other) == key(access);
  });
  if (found == kernel.accesses.end())
    found = kernel.accesses.insert(found, access);
  found->count.add(depth);
}

void KernelReader::followLoads(const PTXInstruction &instruction,
                               const std::optional<Access> &access) {
  bool reads = access && access->space == Space::Global &&
               (access->kind == AccessKind::Load ||
                access->kind == AccessKind::AsyncCopy);
  if (reads) {
    pendingBytes += access->bits / 8;
    kernel.bytesInFlight = std::max(kernel.bytesInFlight, pendingBytes);
    return;
  }
  bool writes = access && (access->kind == AccessKind::Store ||
                           access->kind == AccessKind::Atomic);
  StringRef name = instruction.name;
  if (writes || name == "bar" || name == "barrier" || name == "shfl" ||
      name == "vote" || name == "redux" || name == "call" || name == "membar" ||
      name == "fence")
    pendingBytes = 0;
}

PTXKernel KernelReader::run() {
  readDirectives();
  unsigned depth = 0;
  for (const PTXBlock &block : entry.blocks) {
    if (block.depth != depth)
      pendingBytes = 0;
    depth = block.depth;
    for (const PTXInstruction &instruction : block.instructions) {
      kernel.instructions.add(depth);
      std::optional<Access> access = getAccess(instruction);
      if (access)
        addAccess(*access, depth);
      if (Count *count = getCount(kernel, instruction))
        count->add(depth);
      followLoads(instruction, access);
    }
  }
  llvm::sort(kernel.accesses, [](const Access &a, const Access &b) {
    return std::tie(a.space, a.kind, b.bits, a.hints) <
           std::tie(b.space, b.kind, a.bits, b.hints);
  });
  return std::move(kernel);
}

Expected<PTXModule> gpureport::readPTX(StringRef text, StringRef name) {
  PTXFile file;
  if (Error error = parsePTX(text, name, file))
    return error;
  PTXModule module{file.version, file.target, {}};
  for (const PTXEntry &entry : file.entries)
    module.kernels.push_back(KernelReader(entry).run());
  return module;
}
