//===- RowwiseOps.td - Operations of the rowwise dialect ---*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROWWISE_OPS_TD
#define ROWWISE_OPS_TD

include "seednorm/Dialect/Rowwise/IR/RowwiseAttributes.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Rowwise_Op<string mnemonic, list<Trait> traits = []>
    : Op<Rowwise_Dialect, mnemonic, traits>;

def Rowwise_Float : 1DTensorOf<[F16, BF16, F32, F64]>;
def Rowwise_Value : 1DTensorOf<[F16, BF16, F32, F64, I1, I8, I16, I32, I64]>;
def Rowwise_RowScalarI64 : Type<
    CPred<"$_self == ::mlir::RankedTensorType::get("
          "{1}, ::mlir::IntegerType::get($_self.getContext(), 64))">,
    "tensor<1xi64>", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({1}, $_builder.getI64Type())">;
def Rowwise_Operand : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef],
                                "ranked tensor or strided memref">;

def Rowwise_ProgramOp : Rowwise_Op<"program", [
    IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments,
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
                              ["reifyResultShapes"]>]> {
  let summary = "computes every row of its operands by one region";
  let description = [{
    The region is executed once for each row, in any order.

    - `rows`: arrays `[..., W]`. The first one spans the whole iteration space:
      its leading dimensions are the rows and its last dimension is D. Every
      other one has the same number of leading dimensions, each the same or a
      static 1, which repeats; its last dimension W is D, or a number of groups
      for per-row values such as saved statistics.
    - `columns`: rank-1 arrays shared by all rows, of D elements or of one
      element for each group (one element: a scalar).
    - `outs`: one for each operand of the terminator, with the leading
      dimensions of the program. That of a yielded `rowwise.accumulate` may have
      a static 1 in place of any of them, over which the value is summed; a
      rank-1 array takes the sum over all rows. The last dimension is D where a
      row is yielded, else a static number of groups. `outs` are written, never
      read.

    Elements are f16, bf16, f32, f64, or signless integers: i1, i8, i16, i32,
    i64. Reductions and accumulations are of floats.

    The region's arguments are the rows and columns in order, each as a rank-1
    tensor of its last dimension. On memrefs the operation has no results; the
    region keeps its tensors.

    ```mlir
    %y = rowwise.program rows(%x : tensor<?x64xf32>) columns(%g : tensor<64xf32>)
                         outs(%init : tensor<?x64xf32>) {
    ^bb0(%xr: tensor<64xf32>, %gr: tensor<64xf32>):
      %sq = arith.mulf %xr, %xr : tensor<64xf32>
      %ms = rowwise.reduce mean %sq : tensor<64xf32> -> tensor<1xf32>
      %r = math.rsqrt %ms : tensor<1xf32>
      %rb = rowwise.broadcast %r : tensor<1xf32> -> tensor<64xf32>
      %n = arith.mulf %xr, %rb : tensor<64xf32>
      %yr = arith.mulf %n, %gr : tensor<64xf32>
      rowwise.yield %yr : tensor<64xf32>
    } -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Variadic<Rowwise_Operand>:$rows,
                       Variadic<Rowwise_Operand>:$columns,
                       Variadic<Rowwise_Operand>:$outs,
                       OptionalAttr<Rowwise_ScheduleAttr>:$schedule);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `rows` `(` $rows `:` type($rows) `)`
    (`columns` `(` $columns^ `:` type($columns) `)`)?
    `outs` `(` $outs `:` type($outs) `)`
    (`schedule` $schedule^)? attr-dict-with-keyword $body (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let builders = [
    OpBuilder<(ins "ValueRange":$rows, "ValueRange":$columns,
      "ValueRange":$outs,
      "function_ref<void(OpBuilder &, Location, ValueRange)>":$bodyBuilder)>];
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }

    /// The width D of a row; ShapedType::kDynamic if it is not static.
    int64_t getRowWidth();
    /// The leading dimensions of the program: those of the first row operand.
    ArrayRef<int64_t> getLeadingShape();
    Block *getBlock() { return &getBody().front(); }
    Operation *getYield() { return getBlock()->getTerminator(); }
    /// The region's arguments that stand for row operands, and for columns.
    Block::BlockArgListType getRowArguments();
    Block::BlockArgListType getColumnArguments();
    /// Whether row operand `index` has rows that several rows share.
    bool isRepeated(unsigned index);
    /// Whether out `index` receives sums over rows.
    bool isAccumulated(unsigned index);
    /// How many of the leading dimensions tell the sums of accumulated out
    /// `index` apart, the others, which come after them, being summed over: a
    /// sum is then one of adjacent rows. None if they come in another order.
    std::optional<unsigned> getSumDims(unsigned index);
    bool hasBufferSemantics() { return getNumResults() == 0; }
    /// The type of the region's argument for an operand of this type.
    static RankedTensorType getRegionType(Type operandType);
    /// Whether arrays and values of the region may have such elements.
    static bool isElementType(Type type);
  }];
}

def Rowwise_ReduceOp : Rowwise_Op<"reduce", [Pure]> {
  let summary = "reduces each group of a value to one element";
  let description = [{
    `add`, `mean`, `max` or `min` over each group; the number of groups is the
    width of the result. The order of the reduction is not specified. `max` and
    `min` propagate NaN.

    ```mlir
    %dot = rowwise.reduce add %xb : tensor<2048xf32> -> tensor<16xf32>
    ```
  }];
  let arguments = (ins Rowwise_ReduceKind:$kind, Rowwise_Float:$source);
  let results = (outs Rowwise_Float:$result);
  let assemblyFormat = "$kind $source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Rowwise_BroadcastOp : Rowwise_Op<"broadcast", [Pure]> {
  let summary = "repeats each group's element over the group's columns";
  let description = [{
    The source has G elements and the result a multiple of G: a whole row, or
    a finer division of the row into groups.

    ```mlir
    %sb = rowwise.broadcast %s : tensor<16xf32> -> tensor<2048xf32>
    ```
  }];
  let arguments = (ins Rowwise_Value:$source);
  let results = (outs Rowwise_Value:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Rowwise_AccumulateOp : Rowwise_Op<"accumulate", [
    Pure, SameOperandsAndResultType, ParentOneOf<["ProgramOp"]>]> {
  let summary = "the sum of a row value over rows";
  let description = [{
    Over which rows, the shape of the out says that it is yielded to: rank-1,
    over all; with the program's leading dimensions, over those where it has a
    static 1. The result exists only after the last row, so it can only be
    yielded. Gradients of column operands and of row operands that repeat are
    accumulations.

    ```mlir
    %dgamma = rowwise.accumulate %t : tensor<2048xf32>
    ```

    Compiled code sums in f64, each chunk of rows by itself and then the chunks
    in order, so the bits do not depend on the number of threads. A program
    whose sums are of adjacent rows takes (segments + 64) · D · 8 bytes for each
    accumulated out at most, with the segments of the out that has most;
    `rowwise-split-sums` rewrites the others. `rowwise-report-workspace` says how
    much a program takes.
  }];
  let arguments = (ins Rowwise_Float:$source);
  let results = (outs Rowwise_Float:$result);
  let assemblyFormat = "$source attr-dict `:` type($source)";
  let hasVerifier = 1;
}

def Rowwise_IndexOp : Rowwise_Op<"index", [Pure, HasParent<"ProgramOp">]> {
  let summary = "the index along one dimension of the program";
  let description = [{
    For a leading dimension, where the row is along it: one element. For the
    last dimension, where each element is within its own value: the column of a
    row-shaped result, the group of a group-shaped one.

    ```mlir
    %from = rowwise.index 1 : tensor<1xi64>    // of the rows of a 4x?x64 array
    %column = rowwise.index 2 : tensor<64xi64> // 0, 1, … 63
    %head = rowwise.index 2 : tensor<8xi64>    // 0, 1, … 7
    ```
  }];
  let arguments = (ins I64Attr:$dimension);
  let results = (outs 1DTensorOf<[I64]>:$result);
  let assemblyFormat = "$dimension attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether it counts elements of the row, as against rows.
    bool isInRow();
  }];
}

def Rowwise_RowIndexOp : Rowwise_Op<"row_index", [
    Pure, HasParent<"ProgramOp">]> {
  let summary = "the linear index of the row, all leading dimensions collapsed";
  let description = [{
    A `tensor<1xi64>`, the same whatever the schedule and the number of threads.

    ```mlir
    %row = rowwise.row_index
    ```
  }];
  let results = (outs Rowwise_RowScalarI64:$result);
  let assemblyFormat = "attr-dict";
}

def Rowwise_DetachOp : Rowwise_Op<"detach", [
    Pure, SameOperandsAndResultType, HasParent<"ProgramOp">]> {
  let summary = "its operand, as a constant to differentiation";
  let description = [{
    What a result does not depend on but is computed by has no gradient to give:
    the maximum that a softmax subtracts, the scale that keeps a sum in range.

    ```mlir
    %c = rowwise.detach %m : tensor<1xf32>
    ```
  }];
  let arguments = (ins Rowwise_Value:$source);
  let results = (outs Rowwise_Value:$result);
  let assemblyFormat = "$source attr-dict `:` type($source)";
}

def Rowwise_YieldOp : Rowwise_Op<"yield", [
    Pure, Terminator, ParentOneOf<["ProgramOp"]>]> {
  let summary = "the values that a row program writes, one for each out";
  let arguments = (ins Variadic<Rowwise_Value>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif // ROWWISE_OPS_TD
