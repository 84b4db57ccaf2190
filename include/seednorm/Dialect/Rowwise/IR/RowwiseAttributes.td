//===- RowwiseAttributes.td - Attributes of the rowwise dialect -*- tablegen -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ROWWISE_ATTRIBUTES_TD
#define ROWWISE_ATTRIBUTES_TD

include "seednorm/Dialect/Rowwise/IR/RowwiseDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Rowwise_ReduceKind : I32EnumAttr<"ReduceKind", "how a group is reduced", [
    I32EnumAttrCase<"add", 0>, I32EnumAttrCase<"mean", 1>,
    I32EnumAttrCase<"max", 2>, I32EnumAttrCase<"min", 3>]> {
  let cppNamespace = "::mlir::rowwise";
}

def Rowwise_ScheduleAttr : AttrDef<Rowwise_Dialect, "Schedule"> {
  let mnemonic = "schedule";
  let summary = "Every tunable choice of a row program's lowering";
  let description = [{
    The algorithm never mentions the schedule and the schedule never changes
    what is computed, only how fast. A field that is absent (0) is filled in by
    `rowwise-schedule`. A *block* is the rows whose scalars are computed
    together; a *task* is the rows that a thread takes at a time and the fixed
    chunk of `rowwise.accumulate`, so that sums do not depend on the number of
    threads.

    | field | unit | meaning |
    | --- | --- | --- |
    | `vector_width` | elements | lanes of a vector of the widest element type |
    | `scalable` | 0/1 | lanes are multiplied by the machine's vscale (SVE) |
    | `vectors` | vectors | vectors of one row in flight in a sweep |
    | `rows_in_flight` | rows | rows that share the loads of column operands |
    | `rows_per_block` | rows | rows whose row scalars are computed as vectors |
    | `rows_per_task` | rows | rows of one unit of parallel work |
    | `nontemporal_min_bytes` | bytes | outputs at least this large bypass the cache; absent: never |
    | `prefetch_rows` | rows | how far ahead the last sweep prefetches rows; absent: not |
    | `tile_vectors` | vectors | columns that the last sweep keeps while it goes over a block's rows; absent: row by row |

    With `tile_vectors` sums over all rows stay in registers for the rows of a
    block, so programs with row-shaped accumulations want it.

    Example: `#rowwise.schedule<vector_width = 16, vectors = 4, rows_per_block = 8>`.
  }];
  let parameters = (ins
    OptionalParameter<"int64_t", "lanes of a vector">:$vector_width,
    OptionalParameter<"int64_t", "1 for scalable vectors">:$scalable,
    OptionalParameter<"int64_t", "vectors of a row in flight">:$vectors,
    OptionalParameter<"int64_t", "rows in flight">:$rows_in_flight,
    OptionalParameter<"int64_t", "rows per block">:$rows_per_block,
    OptionalParameter<"int64_t", "rows per task">:$rows_per_task,
    OptionalParameter<"int64_t", "threshold for non-temporal stores">:$nontemporal_min_bytes,
    OptionalParameter<"int64_t", "prefetch distance in rows">:$prefetch_rows,
    OptionalParameter<"int64_t", "vectors of a column tile">:$tile_vectors);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether it has all that a lowering needs.
    bool isComplete() const {
      return getVectorWidth() && getVectors() && getRowsInFlight() &&
             getRowsPerBlock() && getRowsPerTask();
    }
  }];
}

#endif // ROWWISE_ATTRIBUTES_TD
