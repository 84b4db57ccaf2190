//===- ProgramKey.cpp - What a measurement is valid for -------------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A row program as text: its values numbered in order, the width of a row a
// symbol.
//
//===----------------------------------------------------------------------===//

#include "seednorm/Tuning/ProgramKey.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::rowwise;
using namespace seednorm;
using namespace seednorm::tuning;

namespace {

class Canonical {
public:
  explicit Canonical(ProgramOp program)
      : program(program), stream(text), width(program.getRowWidth()) {}

  std::string print();

private:
  void findDims();
  void printType(Type type);
  void printOperands(StringRef name, OperandRange operands, bool areOuts);
  void printAttribute(Attribute attribute);
  void printOperation(Operation &op);
  bool isShared(Value operand, unsigned dim);
  bool looksAlike(unsigned dim, unsigned other);

  ProgramOp program;
  std::string text;
  raw_string_ostream stream;
  int64_t width;
  /// The leading dimensions that tell operands apart.
  SmallVector<unsigned> dims;
  llvm::DenseMap<Value, unsigned> numbers;
};

} // namespace

static int64_t getLastDim(Value operand) {
  return cast<ShapedType>(operand.getType()).getShape().back();
}

/// Whether an operand has one row for all along a leading dimension.
bool Canonical::isShared(Value operand, unsigned dim) {
  ArrayRef<int64_t> shape = cast<ShapedType>(operand.getType()).getShape();
  if (shape.size() == 1)
    return true;
  return shape[dim] == 1 && program.getLeadingShape()[dim] != 1;
}

bool Canonical::looksAlike(unsigned dim, unsigned other) {
  auto isAlike = [&](Value operand) {
    return isShared(operand, dim) == isShared(operand, other);
  };
  return llvm::all_of(program.getRows(), isAlike) &&
         llvm::all_of(program.getOuts(), isAlike);
}

/// Adjacent dimensions that no operand tells apart are one, and one of a single
/// row is none, unless the program asks where along it a row is.
void Canonical::findDims() {
  ArrayRef<int64_t> leading = program.getLeadingShape();
  bool readsIndices = llvm::any_of(*program.getBlock(), [](Operation &op) {
    auto index = dyn_cast<IndexOp>(op);
    return index && !index.isInRow();
  });
  for (unsigned dim = 0; dim < leading.size(); ++dim)
    if (readsIndices ||
        (leading[dim] != 1 && (dims.empty() || !looksAlike(dims.back(), dim))))
      dims.push_back(dim);
  if (dims.empty() && !leading.empty())
    dims.push_back(0);
}

void Canonical::printType(Type type) {
  int64_t size = cast<ShapedType>(type).getShape().back();
  stream << getElementTypeOrSelf(type);
  if (size == width)
    stream << "xD";
  else
    stream << "x" << size;
}

void Canonical::printOperands(StringRef name, OperandRange operands,
                              bool areOuts) {
  stream << name;
  for (Value operand : operands) {
    stream << " ";
    printType(operand.getType());
    stream << "[";
    for (unsigned dim : dims)
      stream << (isShared(operand, dim) ? (areOuts ? '+' : '1') : '*');
    stream << "]";
  }
  stream << "\n";
}

void Canonical::printAttribute(Attribute attribute) {
  // Its type has the width.
  if (auto elements = dyn_cast<SplatElementsAttr>(attribute))
    attribute = elements.getSplatValue<Attribute>();
  // What derivatives of means divide by.
  if (auto number = dyn_cast<FloatAttr>(attribute);
      number && number.getValueAsDouble() == double(width))
    stream << "D : " << number.getType();
  else
    attribute.print(stream);
}

void Canonical::printOperation(Operation &op) {
  if (op.getNumResults() > 0)
    stream << "%" << numbers.size() << " = ";
  for (Value result : op.getResults())
    numbers.insert({result, numbers.size()});
  stream << op.getName();
  for (Value operand : op.getOperands())
    stream << " %" << numbers.lookup(operand);
  if (auto index = dyn_cast<IndexOp>(op); index && index.isInRow())
    stream << " in the row";
  else
    for (NamedAttribute attribute : op.getAttrDictionary()) {
      stream << " " << attribute.getName().getValue() << " = ";
      printAttribute(attribute.getValue());
    }
  for (Type type : op.getResultTypes()) {
    stream << " : ";
    printType(type);
  }
  stream << "\n";
}

std::string Canonical::print() {
  findDims();
  printOperands("rows", program.getRows(), /*areOuts=*/false);
  stream << "columns";
  for (Value column : program.getColumns()) {
    stream << " ";
    printType(column.getType());
  }
  stream << "\n";
  printOperands("outs", program.getOuts(), /*areOuts=*/true);
  for (BlockArgument argument : program.getBlock()->getArguments())
    numbers.insert({argument, numbers.size()});
  for (Operation &op : *program.getBlock())
    printOperation(op);
  return text;
}

std::string tuning::getCanonicalText(ProgramOp program) {
  return Canonical(program).print();
}

//===----------------------------------------------------------------------===//
// The key
//===----------------------------------------------------------------------===//

static std::string getTypeNames(ProgramOp program) {
  std::string text;
  raw_string_ostream stream(text);
  auto print = [&](Value operand) { stream << getElementTypeOrSelf(operand); };
  llvm::interleave(program.getRows(), stream, print, ",");
  for (Value column : program.getColumns()) {
    stream << ",";
    print(column);
  }
  stream << "->";
  llvm::interleave(program.getOuts(), stream, print, ",");
  return text;
}

/// Of every row, if the arrays begin at a multiple of 64 bytes.
static int64_t getAlignment(ProgramOp program) {
  constexpr int64_t cacheLine = 64;
  int64_t alignment = cacheLine, width = program.getRowWidth();
  auto include = [&](Value operand) {
    if (getLastDim(operand) != width)
      return;
    int64_t bytes = llvm::divideCeil(
        getElementTypeOrSelf(operand).getIntOrFloatBitWidth(), 8);
    int64_t row = ShapedType::isDynamic(width) ? bytes : bytes * width;
    alignment = std::min<int64_t>(alignment, row & -row ? row & -row : 1);
  };
  llvm::for_each(program.getRows(), include);
  llvm::for_each(program.getOuts(), include);
  return alignment;
}

/// 0: not known.
static int64_t getRowsClass(ProgramOp program, std::optional<int64_t> rows) {
  int64_t count = 1;
  for (int64_t size : program.getLeadingShape()) {
    if (ShapedType::isDynamic(size))
      return llvm::PowerOf2Ceil(std::max<int64_t>(rows.value_or(0), 0));
    if (llvm::MulOverflow(count, size, count))
      return 0;
  }
  return llvm::PowerOf2Ceil(count);
}

Expected<Key> tuning::makeKey(ProgramOp program, std::optional<int64_t> rows,
                              const Target &target, int64_t threads) {
  Expected<std::string> name = getTargetName(target);
  if (!name)
    return name.takeError();
  Key key;
  key.program = hashProgram(getCanonicalText(program));
  key.types = getTypeNames(program);
  if (int64_t width = program.getRowWidth(); !ShapedType::isDynamic(width))
    key.width = width;
  key.rows = getRowsClass(program, rows);
  key.alignment = getAlignment(program);
  key.target = std::move(*name);
  key.threads = isGPUTarget(target) ? 1 : threads;
  key.compiler = getCompilerName().str();
  return key;
}
