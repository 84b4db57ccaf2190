//===- LaunchToRuntime.cpp - Launches as calls of the runtime ------------===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GPU binaries become constants, launches calls with the arguments laid out as
// the kernel takes them, and constant arrays copies on the device. Knows
// nothing of what kernels do.
//
//===----------------------------------------------------------------------===//

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "seednorm/Conversion/Passes.h"

namespace mlir::seednorm {
#define GEN_PASS_DEF_LAUNCHTORUNTIME
#include "seednorm/Conversion/Passes.h.inc"
} // namespace mlir::seednorm

using namespace mlir;

static constexpr StringLiteral launchName = "seednorm_rt_launch";
static constexpr StringLiteral constantName = "seednorm_rt_constant";

namespace {

struct LaunchToRuntime : seednorm::impl::LaunchToRuntimeBase<LaunchToRuntime> {
  using LaunchToRuntimeBase::LaunchToRuntimeBase;

  void runOnOperation() override;
  LogicalResult embed(gpu::BinaryOp binary);
  LLVM::GlobalOp addGlobal(Location loc, StringRef name, StringRef bytes);
  Value addressOfText(OpBuilder &builder, Location loc, StringRef text);
  SmallVector<Value> flatten(OpBuilder &builder, Location loc, Value argument);
  LogicalResult lower(gpu::LaunchFuncOp launch);
  void lower(memref::GetGlobalOp op);
  void declare(StringRef name, ArrayRef<Type> arguments, TypeRange results);

  const LLVMTypeConverter *converter = nullptr;
  Type pointer, i64, i32;
  llvm::StringMap<std::pair<LLVM::GlobalOp, int64_t>> binaries;
  llvm::StringMap<LLVM::GlobalOp> texts;
};

LLVM::GlobalOp LaunchToRuntime::addGlobal(Location loc, StringRef name,
                                          StringRef bytes) {
  OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
  return LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                                LLVM::Linkage::Internal, name,
                                builder.getStringAttr(bytes),
                                /*alignment=*/64);
}

/// The bytes of a binary's one object.
LogicalResult LaunchToRuntime::embed(gpu::BinaryOp binary) {
  if (binary.getObjects().size() != 1)
    return binary.emitOpError("must have one object, but has ")
           << binary.getObjects().size();
  auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  StringRef bytes = object.getObject().getValue();
  std::string text = bytes.str();
  // The driver takes assembly as text with its end.
  if (object.getFormat() == gpu::CompilationTarget::Assembly)
    text += '\0';
  std::string name = (binary.getName() + "_binary").str();
  binaries[binary.getName()] = {addGlobal(binary.getLoc(), name, text),
                                int64_t(text.size())};
  return success();
}

Value LaunchToRuntime::addressOfText(OpBuilder &builder, Location loc,
                                     StringRef text) {
  LLVM::GlobalOp &global = texts[text];
  if (!global)
    global = addGlobal(loc, ("seednorm_kernel_" + text).str(),
                       (text + Twine('\0')).str());
  return LLVM::AddressOfOp::create(builder, loc, global);
}

/// An argument as the values that a kernel takes for it: of an array its
/// descriptor's.
SmallVector<Value> LaunchToRuntime::flatten(OpBuilder &builder, Location loc,
                                            Value argument) {
  Type type = converter->convertType(argument.getType());
  if (type != argument.getType())
    argument = UnrealizedConversionCastOp::create(builder, loc, type, argument)
                   .getResult(0);
  if (!isa<LLVM::LLVMStructType>(type))
    return {argument};
  auto memref =
      cast<MemRefType>(argument.getDefiningOp<UnrealizedConversionCastOp>()
                           .getInputs()[0]
                           .getType());
  SmallVector<Value> values;
  MemRefDescriptor::unpack(builder, loc, argument, memref, values);
  return values;
}

LogicalResult LaunchToRuntime::lower(gpu::LaunchFuncOp launch) {
  Location loc = launch.getLoc();
  OpBuilder builder(launch);
  auto found = binaries.find(launch.getKernelModuleName());
  if (found == binaries.end())
    return launch.emitOpError("has no binary; run gpu-module-to-binary first");
  if (!launch.getAsyncDependencies().empty() || launch.getAsyncToken())
    return launch.emitOpError("must not be asynchronous");
  SmallVector<Value> arguments;
  for (Value operand : launch.getKernelOperands())
    llvm::append_range(arguments, flatten(builder, loc, operand));

  // The arguments, their addresses and the launch, on the stack once, however
  // often the launch is reached.
  SmallVector<Type> types(ValueRange(arguments).getTypes());
  auto argumentsType = LLVM::LLVMStructType::getLiteral(&getContext(), types);
  auto addressesType = LLVM::LLVMArrayType::get(pointer, arguments.size());
  auto dims = LLVM::LLVMArrayType::get(i32, 3);
  auto launchType = LLVM::LLVMStructType::getLiteral(
      &getContext(),
      {pointer, i64, pointer, dims, dims, dims, i32, i32, pointer, i64});
  Value argumentsAt, addressesAt, launchAt;
  {
    OpBuilder::InsertionGuard guard(builder);
    auto function = launch->getParentOfType<FunctionOpInterface>();
    builder.setInsertionPointToStart(&function.getFunctionBody().front());
    Value one = LLVM::ConstantOp::create(builder, loc, i64, 1);
    auto allocate = [&](Type type) -> Value {
      return LLVM::AllocaOp::create(builder, loc, pointer, type, one);
    };
    argumentsAt = allocate(argumentsType);
    addressesAt = allocate(addressesType);
    launchAt = allocate(launchType);
  }
  auto storeAt = [&](Value value, Type type, Value base,
                     ArrayRef<LLVM::GEPArg> path) {
    Value address =
        LLVM::GEPOp::create(builder, loc, pointer, type, base, path);
    if (value)
      LLVM::StoreOp::create(builder, loc, value, address);
    return address;
  };
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    Value address =
        storeAt(argument, argumentsType, argumentsAt, {0, int32_t(i)});
    storeAt(address, addressesType, addressesAt, {0, int32_t(i)});
  }
  auto field = [&](Value value, ArrayRef<LLVM::GEPArg> path) {
    storeAt(value, launchType, launchAt, path);
  };
  auto integer = [&](Type type, int64_t value) -> Value {
    return LLVM::ConstantOp::create(builder, loc, type, value);
  };
  auto [global, bytes] = found->second;
  field(LLVM::AddressOfOp::create(builder, loc, global), {0, 0});
  field(integer(i64, bytes), {0, 1});
  field(addressOfText(builder, loc, launch.getKernelName()), {0, 2});
  auto size = [&](int32_t at, int32_t dim, Value value) {
    Value narrow =
        value ? arith::IndexCastOp::create(builder, loc, i32, value).getResult()
              : integer(i32, 1);
    field(narrow, {0, at, dim});
  };
  auto sizes = [&](int32_t at, gpu::KernelDim3 dims) {
    size(at, 0, dims.x), size(at, 1, dims.y), size(at, 2, dims.z);
  };
  sizes(3, launch.getGridSizeOperandValues());
  sizes(4, launch.getBlockSizeOperandValues());
  sizes(5, launch.hasClusterSize() ? launch.getClusterSizeOperandValues()
                                   : gpu::KernelDim3());
  Value shared = launch.getDynamicSharedMemorySize();
  field(shared ? shared : integer(i32, 0), {0, 6});
  field(integer(i32, launch->hasAttr("seednorm.dependent")), {0, 7});
  field(addressesAt, {0, 8});
  field(integer(i64, arguments.size()), {0, 9});
  func::CallOp::create(builder, loc, launchName, TypeRange(), launchAt);
  launch.erase();
  return success();
}

/// The array is where the device has a copy of the constant.
void LaunchToRuntime::lower(memref::GetGlobalOp op) {
  Location loc = op.getLoc();
  MemRefType type = op.getType();
  OpBuilder builder(op);
  builder.setInsertionPointAfter(op);
  Value host = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, op);
  Operation *address = host.getDefiningOp();
  host = arith::IndexCastOp::create(builder, loc, i64, host);
  host = LLVM::IntToPtrOp::create(builder, loc, pointer, host);
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  Value count = LLVM::ConstantOp::create(builder, loc, i64, bytes);
  Value device = func::CallOp::create(builder, loc, constantName, pointer,
                                      ValueRange{host, count})
                     .getResult(0);
  Value descriptor =
      MemRefDescriptor::fromStaticShape(builder, loc, *converter, type, device);
  Value array =
      UnrealizedConversionCastOp::create(builder, loc, type, descriptor)
          .getResult(0);
  op.getResult().replaceAllUsesExcept(array, address);
}

void LaunchToRuntime::declare(StringRef name, ArrayRef<Type> arguments,
                              TypeRange results) {
  if (getOperation().lookupSymbol(name))
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
  func::FuncOp::create(builder, getOperation().getLoc(), name,
                       builder.getFunctionType(arguments, results))
      .setPrivate();
}

void LaunchToRuntime::runOnOperation() {
  LowerToLLVMOptions options(&getContext());
  LLVMTypeConverter types(&getContext(), options);
  converter = &types;
  pointer = LLVM::LLVMPointerType::get(&getContext());
  i64 = IntegerType::get(&getContext(), 64);
  i32 = IntegerType::get(&getContext(), 32);
  for (auto binary :
       llvm::make_early_inc_range(getOperation().getOps<gpu::BinaryOp>())) {
    if (failed(embed(binary)))
      return signalPassFailure();
    binary.erase();
  }
  SmallVector<gpu::LaunchFuncOp> launches;
  SmallVector<memref::GetGlobalOp> globals;
  getOperation().walk([&](Operation *op) {
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
      launches.push_back(launch);
    if (auto global = dyn_cast<memref::GetGlobalOp>(op))
      globals.push_back(global);
  });
  for (gpu::LaunchFuncOp launch : launches)
    if (failed(lower(launch)))
      return signalPassFailure();
  for (memref::GetGlobalOp global : globals)
    lower(global);
  if (!launches.empty())
    declare(launchName, pointer, {});
  if (!globals.empty())
    declare(constantName, {pointer, i64}, pointer);
  getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
}

} // namespace
