//===- InlinePTX.cpp - Inline assembly as IR -----------------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands, guards, memory and threads. Registers have no types, only bits, and
// are read as what an instruction says.
//
//===----------------------------------------------------------------------===//

#include "InlinePTX.h"
#include "seednorm/Runtime/Error.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;
using namespace seednorm;
using namespace seednorm::emulator;

PTXTranslator::PTXTranslator(Lowering &lowering, CallInst &call)
    : lowering(lowering), call(call), builder(lowering.builder) {}

Error PTXTranslator::unknown(StringRef text) {
  return makeError("the emulator does not know the inline PTX " +
                   quote(text.trim()) + " in function '" +
                   lowering.function.getName() + "'");
}

Error PTXTranslator::bindOperands() {
  auto *assembly = cast<InlineAsm>(call.getCalledOperand());
  Type *type = call.getType();
  if (auto *structure = dyn_cast<StructType>(type))
    outputs.append(structure->element_begin(), structure->element_end());
  else if (!type->isVoidTy())
    outputs.push_back(type);
  unsigned number = 0, argument = 0;
  for (const InlineAsm::ConstraintInfo &info : assembly->ParseConstraints()) {
    if (info.Type == InlineAsm::isClobber)
      continue;
    if (info.isIndirect || info.Type == InlineAsm::isLabel)
      return unknown(assembly->getConstraintString());
    std::string name = "$" + utostr(number++);
    if (info.Type == InlineAsm::isOutput)
      continue;
    Value *value = call.getArgOperand(argument++);
    registers[name] = value;
    // Tied to an output: "0".
    unsigned output;
    if (!info.Codes.empty() &&
        !StringRef(info.Codes[0]).getAsInteger(10, output))
      registers["$" + utostr(output)] = value;
  }
  return Error::success();
}

Expected<Value *> PTXTranslator::run() {
  if (Error error = bindOperands())
    return error;
  builder.SetInsertPoint(&call);
  auto *assembly = cast<InlineAsm>(call.getCalledOperand());
  if (Error error = translateBlock(assembly->getAsmString()))
    return error;
  if (outputs.empty())
    return nullptr;
  SmallVector<Value *> values;
  for (auto [index, type] : enumerate(outputs)) {
    Value *value = registers.lookup("$" + utostr(index));
    values.push_back(value ? coerce(value, type) : PoisonValue::get(type));
  }
  if (!call.getType()->isStructTy())
    return values[0];
  Value *result = PoisonValue::get(call.getType());
  for (auto [index, value] : enumerate(values))
    result = builder.CreateInsertValue(result, value, index);
  return result;
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// Without comments; "$$" is a dollar of the assembly.
static std::string clean(StringRef text) {
  std::string result;
  while (!text.empty()) {
    if (text.consume_front("//")) {
      text = text.drop_until([](char c) { return c == '\n'; });
    } else if (text.consume_front("/*")) {
      size_t end = text.find("*/");
      text = end == StringRef::npos ? "" : text.drop_front(end + 2);
      result += ' ';
    } else if (text.consume_front("$$")) {
      result += '_';
    } else {
      result += isSpace(text[0]) ? ' ' : text[0];
      text = text.drop_front();
    }
  }
  return result;
}

Error PTXTranslator::translateBlock(StringRef text) {
  std::string cleaned = clean(text);
  StringRef rest = cleaned;
  while (true) {
    // Braces in front of a statement are scopes, which names do not need.
    rest = rest.ltrim(" {};");
    if (rest.empty())
      return Error::success();
    auto [statement, next] = rest.split(';');
    rest = next;
    if (Error error = translateGuarded(statement.trim()))
      return error;
  }
}

/// "@p ld…" and "@!p ld…": executed by some threads.
Error PTXTranslator::translateGuarded(StringRef text) {
  if (!text.starts_with("@"))
    return translate(text);
  auto [guard, rest] = text.drop_front().split(' ');
  bool negated = guard.consume_front("!");
  Value *condition = read(guard, builder.getInt1Ty());
  if (!condition)
    return unknown(text);
  if (negated)
    condition = builder.CreateNot(condition);
  StringMap<Value *> before(registers);
  BasicBlock *head = builder.GetInsertBlock();
  Instruction *then =
      SplitBlockAndInsertIfThen(condition, &call, /*Unreachable=*/false);
  builder.SetInsertPoint(then);
  if (Error error = translate(rest.trim()))
    return error;
  BasicBlock *body = builder.GetInsertBlock();
  builder.SetInsertPoint(&call);
  for (auto &entry : registers) {
    Value *&value = entry.second;
    Value *old = before.lookup(entry.first());
    if (old == value)
      continue;
    old = old ? old : PoisonValue::get(value->getType());
    // Registers are bits: the old ones are read as what the new ones are.
    if (old->getType() != value->getType()) {
      builder.SetInsertPoint(head->getTerminator());
      old = coerce(old, value->getType());
      builder.SetInsertPoint(&call);
    }
    PHINode *merged =
        PHINode::Create(value->getType(), 2, "", call.getParent()->begin());
    merged->addIncoming(old, head);
    merged->addIncoming(value, body);
    value = merged;
  }
  return Error::success();
}

/// At commas that are outside of braces and brackets.
static void splitOperands(StringRef text,
                          SmallVectorImpl<StringRef> &operands) {
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ',';
    depth += c == '{' || c == '[';
    depth -= c == '}' || c == ']';
    if (c != ',' || depth)
      continue;
    StringRef operand = text.slice(begin, i).trim();
    if (!operand.empty())
      operands.push_back(operand);
    begin = i + 1;
  }
}

Error PTXTranslator::translate(StringRef text) {
  if (text.starts_with(".reg"))
    return Error::success();
  PTXStatement statement;
  statement.text = text;
  size_t end = text.find_first_of(" {[");
  text.take_front(end).split(statement.parts, '.');
  if (end != StringRef::npos)
    splitOperands(text.drop_front(end), statement.operands);
  if (!translateMemory(statement) && !translateThreads(statement) &&
      !translateArithmetic(statement))
    return unknown(text);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

std::optional<PTXType> PTXTranslator::parseType(StringRef name) {
  LLVMContext &context = builder.getContext();
  Type *type =
      StringSwitch<Type *>(name)
          .Case("f16", Type::getHalfTy(context))
          .Case("bf16", Type::getBFloatTy(context))
          .Case("f32", Type::getFloatTy(context))
          .Case("f64", Type::getDoubleTy(context))
          .Case("f16x2", FixedVectorType::get(Type::getHalfTy(context), 2))
          .Case("bf16x2", FixedVectorType::get(Type::getBFloatTy(context), 2))
          .Case("f32x2", FixedVectorType::get(Type::getFloatTy(context), 2))
          .Case("pred", Type::getInt1Ty(context))
          .Default(nullptr);
  if (type)
    return PTXType{type, false};
  unsigned bits;
  if (name.size() < 2 || !StringRef("bus").contains(name[0]) ||
      name.drop_front().getAsInteger(10, bits) ||
      !is_contained({8u, 16u, 32u, 64u, 128u}, bits))
    return std::nullopt;
  return PTXType{Type::getIntNTy(context, bits), name[0] == 's'};
}

std::optional<PTXType> PTXTranslator::getType(Statement statement) {
  for (StringRef part : reverse(statement.parts))
    if (std::optional<PTXType> type = parseType(part))
      return type;
  return std::nullopt;
}

Value *PTXTranslator::coerce(Value *value, Type *type) {
  Type *from = value->getType();
  if (from == type)
    return value;
  if (from->isPointerTy() && type->isPointerTy())
    return builder.CreateAddrSpaceCast(value, type);
  const DataLayout &layout = lowering.function.getDataLayout();
  if (from->isPointerTy())
    value = builder.CreatePtrToInt(value, builder.getInt64Ty());
  else if (!from->isIntegerTy())
    value = builder.CreateBitCast(
        value, builder.getIntNTy(layout.getTypeSizeInBits(from)));
  if (type->isPointerTy())
    return builder.CreateIntToPtr(
        builder.CreateZExtOrTrunc(value, builder.getInt64Ty()), type);
  unsigned bits = layout.getTypeSizeInBits(type);
  value = builder.CreateZExtOrTrunc(value, builder.getIntNTy(bits));
  return builder.CreateBitCast(value, type);
}

Value *PTXTranslator::readRegister(StringRef operand) {
  operand.consume_front("%");
  if (Value *value = registers.lookup(operand))
    return value;
  if (std::optional<Register> special = findRegister(operand))
    return lowering.readRegister(*special);
  return nullptr;
}

Value *PTXTranslator::read(StringRef operand, Type *type) {
  if (operand.starts_with("{"))
    return nullptr;
  if (Value *value = readRegister(operand))
    return coerce(value, type);
  uint64_t bits;
  // Floats are written by their bits: 0f3F800000, 0d….
  if (operand.starts_with_insensitive("0f") ||
      operand.starts_with_insensitive("0d")) {
    if (operand.drop_front(2).getAsInteger(16, bits))
      return nullptr;
    unsigned width = operand[1] == 'f' || operand[1] == 'F' ? 32 : 64;
    return coerce(builder.getIntN(width, bits), type);
  }
  int64_t number;
  if (!operand.getAsInteger(0, number))
    bits = static_cast<uint64_t>(number);
  else if (operand.getAsInteger(0, bits))
    return nullptr;
  return coerce(builder.getInt64(bits), type);
}

bool PTXTranslator::write(StringRef operand, Value *value) {
  if (operand == "_")
    return true;
  if (operand.empty() || operand.starts_with("{") || operand.starts_with("["))
    return false;
  operand.consume_front("%");
  registers[operand] = value;
  return true;
}

SmallVector<StringRef> PTXTranslator::getElements(StringRef operand) {
  SmallVector<StringRef> elements;
  if (operand.consume_front("{") && operand.consume_back("}"))
    splitOperands(operand, elements);
  else
    elements.push_back(operand);
  return elements;
}

bool PTXTranslator::readArguments(Statement statement, Type *type,
                                  SmallVectorImpl<Value *> &arguments) {
  for (StringRef operand : drop_begin(statement.operands)) {
    Value *value = read(operand, type);
    if (!value)
      return false;
    arguments.push_back(value);
  }
  return !statement.operands.empty();
}

unsigned PTXTranslator::getSpace(Statement statement) {
  if (statement.has("global"))
    return 1;
  if (statement.has("shared") || statement.has("shared::cta"))
    return 3;
  if (statement.has("const"))
    return 4;
  if (statement.has("local"))
    return 5;
  return statement.has("shared::cluster") ? 7 : 0;
}

Value *PTXTranslator::readAddress(StringRef operand, unsigned space) {
  if (!operand.consume_front("[") || !operand.consume_back("]"))
    return nullptr;
  auto [base, offsetText] = operand.split('+');
  int64_t offset = 0;
  if (!offsetText.empty() && offsetText.trim().getAsInteger(0, offset))
    return nullptr;
  Value *address = read(base.trim(), builder.getPtrTy(space));
  if (!address || !offset)
    return address;
  return builder.CreateConstGEP1_64(builder.getInt8Ty(), address, offset);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Of "v4"; 1 without one.
static unsigned getVectorLength(const PTXStatement &statement) {
  for (unsigned length : {2u, 4u, 8u})
    if (statement.has("v" + utostr(length)))
      return length;
  return 1;
}

static bool isOrdered(const PTXStatement &statement) {
  return statement.has("relaxed") || statement.has("acquire") ||
         statement.has("release") || statement.has("volatile");
}

bool PTXTranslator::load(Statement statement) {
  std::optional<PTXType> type = getType(statement);
  unsigned length = getVectorLength(statement);
  // A last operand may be a cache policy.
  if (!type || statement.operands.size() < 2)
    return false;
  SmallVector<StringRef> targets = getElements(statement.operands[0]);
  Value *address = readAddress(statement.operands[1], getSpace(statement));
  if (!address || targets.size() != length)
    return false;
  unsigned bits = type->type->getPrimitiveSizeInBits();
  Type *element = builder.getIntNTy(bits);
  Type *whole = length == 1 ? element : FixedVectorType::get(element, length);
  LoadInst *value =
      builder.CreateAlignedLoad(whole, address, Align(length * bits / 8));
  if (length == 1 && isOrdered(statement))
    value->setAtomic(AtomicOrdering::SequentiallyConsistent);
  lowering.setText(*value, statement.text.str());
  for (auto [index, target] : enumerate(targets)) {
    Value *part = length == 1 ? static_cast<Value *>(value)
                              : builder.CreateExtractElement(value, index);
    if (type->isSigned && bits < 32)
      part = builder.CreateSExt(part, builder.getInt32Ty());
    if (!write(target, part))
      return false;
  }
  return true;
}

bool PTXTranslator::store(Statement statement) {
  std::optional<PTXType> type = getType(statement);
  unsigned length = getVectorLength(statement);
  if (!type || statement.operands.size() < 2)
    return false;
  Value *address = readAddress(statement.operands[0], getSpace(statement));
  SmallVector<StringRef> sources = getElements(statement.operands[1]);
  if (!address || sources.size() != length)
    return false;
  unsigned bits = type->type->getPrimitiveSizeInBits();
  Type *element = builder.getIntNTy(bits);
  Value *whole = nullptr;
  if (length > 1)
    whole = PoisonValue::get(FixedVectorType::get(element, length));
  for (auto [index, source] : enumerate(sources)) {
    Value *part = read(source, element);
    if (!part)
      return false;
    whole =
        length == 1 ? part : builder.CreateInsertElement(whole, part, index);
  }
  StoreInst *stored =
      builder.CreateAlignedStore(whole, address, Align(length * bits / 8));
  if (length == 1 && isOrdered(statement))
    stored->setAtomic(AtomicOrdering::SequentiallyConsistent);
  lowering.setText(*stored, statement.text.str());
  return true;
}

/// atom d, [a], b and red [a], b; each element of a vector by itself, as the
/// hardware does.
bool PTXTranslator::atomic(Statement statement) {
  bool hasResult = statement.opcode() == "atom";
  std::optional<PTXType> type = getType(statement);
  if (!type || statement.operands.size() < 2u + hasResult)
    return false;
  bool isFloat = type->type->isFPOrFPVectorTy();
  using Op = AtomicRMWInst::BinOp;
  Op operation = Op::BAD_BINOP;
  auto choose = [&](StringRef name, Op floating, Op isSigned, Op isUnsigned) {
    if (statement.has(name))
      operation = isFloat ? floating : type->isSigned ? isSigned : isUnsigned;
  };
  choose("add", Op::FAdd, Op::Add, Op::Add);
  choose("min", Op::FMin, Op::Min, Op::UMin);
  choose("max", Op::FMax, Op::Max, Op::UMax);
  choose("and", Op::BAD_BINOP, Op::And, Op::And);
  choose("or", Op::BAD_BINOP, Op::Or, Op::Or);
  choose("xor", Op::BAD_BINOP, Op::Xor, Op::Xor);
  choose("exch", Op::Xchg, Op::Xchg, Op::Xchg);
  Value *address =
      readAddress(statement.operands[hasResult], getSpace(statement));
  SmallVector<StringRef> sources =
      getElements(statement.operands[1 + hasResult]);
  SmallVector<StringRef> targets;
  if (hasResult)
    targets = getElements(statement.operands[0]);
  if (operation == Op::BAD_BINOP || !address ||
      sources.size() != getVectorLength(statement) ||
      (hasResult && targets.size() != sources.size()))
    return false;
  unsigned bytes = type->type->getPrimitiveSizeInBits() / 8;
  for (auto [index, source] : enumerate(sources)) {
    Value *value = read(source, type->type);
    if (!value)
      return false;
    Value *place = index ? builder.CreateConstGEP1_64(builder.getInt8Ty(),
                                                      address, index * bytes)
                         : address;
    AtomicRMWInst *result =
        builder.CreateAtomicRMW(operation, place, value, Align(bytes),
                                AtomicOrdering::SequentiallyConsistent);
    lowering.setText(*result, statement.text.str());
    if (hasResult && !write(targets[index], result))
      return false;
  }
  return true;
}

bool PTXTranslator::copyAsync(Statement statement) {
  if (statement.has("commit_group")) {
    lowering.callThread("emu_copy_commit", builder.getVoidTy(), {});
    return true;
  }
  bool all = statement.has("wait_all");
  if (all || statement.has("wait_group")) {
    Value *pending = all ? builder.getInt32(0)
                     : statement.operands.size() == 1
                         ? read(statement.operands[0], builder.getInt32Ty())
                         : nullptr;
    if (!pending)
      return false;
    lowering.callThread("emu_copy_wait", builder.getVoidTy(),
                        {pending, builder.getInt32(all)});
    return true;
  }
  if ((!statement.has("ca") && !statement.has("cg")) ||
      statement.operands.size() < 3)
    return false;
  unsigned bytes;
  Value *to = readAddress(statement.operands[0], 3);
  Value *from = readAddress(statement.operands[1], 1);
  auto *size = dyn_cast_or_null<ConstantInt>(
      read(statement.operands[2], builder.getInt32Ty()));
  if (!to || !from || !size)
    return false;
  bytes = static_cast<unsigned>(size->getZExtValue());
  if (!is_contained({4u, 8u, 16u}, bytes))
    return false;
  Value *copied = nullptr;
  if (statement.operands.size() > 3 && !statement.has("L2::cache_hint"))
    copied = read(statement.operands[3], builder.getInt32Ty());
  lowering.callCopyAsync(call, to, from, bytes, copied);
  return true;
}

bool PTXTranslator::translateMemory(Statement statement) {
  StringRef opcode = statement.opcode();
  if (opcode == "ld" || opcode == "ldu")
    return load(statement);
  if (opcode == "st")
    return store(statement);
  if (opcode == "atom" || opcode == "red")
    return atomic(statement);
  if (opcode == "cp" && statement.has("async") && !statement.has("bulk"))
    return copyAsync(statement);
  if (is_contained({"prefetch", "prefetchu", "applypriority"}, opcode))
    return true;
  if (opcode == "createpolicy")
    return !statement.operands.empty() &&
           write(statement.operands[0], builder.getInt64(0));
  if (opcode == "membar" || opcode == "fence") {
    builder.CreateFence(AtomicOrdering::SequentiallyConsistent);
    return true;
  }
  if (opcode == "cvta") {
    std::optional<PTXType> type = getType(statement);
    Value *value = type && statement.operands.size() == 2
                       ? read(statement.operands[1], type->type)
                       : nullptr;
    return value && write(statement.operands[0], value);
  }
  if (opcode == "mapa" && statement.operands.size() == 3) {
    Value *address = read(statement.operands[1], builder.getPtrTy());
    Value *rank = read(statement.operands[2], builder.getInt32Ty());
    return address && rank &&
           write(
               statement.operands[0],
               lowering.callThread(
                   "emu_mapa", builder.getPtrTy(),
                   {address, rank, builder.getInt32(lowering.getSite(call))}));
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

bool PTXTranslator::translateThreads(Statement statement) {
  StringRef opcode = statement.opcode();
  uint32_t site = lowering.getSite(call);
  Type *i32 = builder.getInt32Ty();
  if (opcode == "nanosleep")
    return true;
  if (opcode == "trap") {
    lowering.callThread("emu_trap", builder.getVoidTy(),
                        {builder.getInt32(site)});
    return true;
  }
  if (opcode == "griddepcontrol") {
    if (statement.has("wait"))
      lowering.callThread("emu_dependency_wait", builder.getVoidTy(), {});
    return statement.has("wait") || statement.has("launch_dependents");
  }
  if (opcode == "activemask")
    return statement.operands.size() == 1 &&
           write(
               statement.operands[0],
               builder.CreateTrunc(lowering.callWarp(WarpOperation::ActiveMask,
                                                     builder.getInt32(0),
                                                     builder.getInt32(0), site),
                                   i32));
  if (opcode != "bar" && opcode != "barrier")
    return false;
  if (statement.has("cluster")) {
    bool arrives = statement.has("arrive");
    lowering.callThread(arrives ? "emu_cluster_arrive" : "emu_cluster_wait",
                        builder.getVoidTy(), {builder.getInt32(site)});
    return arrives || statement.has("wait");
  }
  SmallVector<Value *> operands;
  for (StringRef operand : statement.operands)
    operands.push_back(read(operand, i32));
  if (operands.empty() || is_contained(operands, nullptr))
    return false;
  if (statement.has("warp")) {
    lowering.callWarp(WarpOperation::Sync, operands[0], builder.getInt32(0),
                      site);
    return true;
  }
  bool arrives = statement.has("arrive");
  if (!arrives && !statement.has("sync"))
    return false;
  lowering.callBarrier(
      arrives ? BarrierOperation::Arrive : BarrierOperation::Sync, operands[0],
      operands.size() > 1 ? operands[1] : nullptr,
      opcode == "bar" || statement.has("aligned"), nullptr, site);
  return true;
}

Expected<Value *> emulator::translatePTX(Lowering &lowering, CallInst &call) {
  return PTXTranslator(lowering, call).run();
}
