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
    | `vector_width` | elements | lanes of a vector, whatever its elements; on a GPU elements that a thread accesses at once |
    | `scalable` | 0/1 | lanes are multiplied by the machine's vscale (SVE) |
    | `vectors` | vectors | vectors of one row in flight in a sweep |
    | `rows_in_flight` | rows | rows that share the loads of column operands |
    | `rows_per_block` | rows | rows whose row scalars are computed together: as vectors on a CPU, by one CTA on a GPU |
    | `rows_per_task` | rows | rows of one unit of parallel work |
    | `nontemporal_min_bytes` | bytes | outputs at least this large bypass the cache; absent: never |
    | `prefetch_rows` | rows | how far ahead a sweep prefetches rows; absent: not |
    | `prefetch_level` | cache | the nearest cache that prefetched rows are brought to, from 1 to 3; absent: 1 |
    | `pipeline` | 0/1 | the last sweep over a block and the first over the next are one loop, so that reads, arithmetic and stores overlap |
    | `tile_vectors` | vectors | columns that the last sweep keeps while it goes over a block's rows; absent: row by row |
    | `peel_remainder` | 0/1 | the columns that no whole vector covers go by narrower and narrower vectors, else by a masked one |

    With `tile_vectors` sums over all rows stay in registers for the rows of a
    block, so programs with row-shaped accumulations want it.

    A schedule for a CPU that has the first six of these, `scalable` aside, is
    complete: a field that is absent is then off, where it else is the cost
    model's to choose. On both:

    | field | unit | meaning |
    | --- | --- | --- |
    | `keep_row` | 0/1 | a row is read once and kept in registers from sweep to sweep, else every sweep reads it |
    | `approximate` | 0/1 | tanh in f32, of narrower types too, with a relative error of 2^-11, on a GPU by the hardware's instruction: the one field that changes results |

    On a GPU:

    | field | unit | meaning |
    | --- | --- | --- |
    | `threads_per_row` | threads | of one CTA for one row: a power of two up to a warp, or whole warps |
    | `ctas` | CTAs | of the grid at most: each takes row after row. Also how many partial sums there are |
    | `ctas_per_row` | CTAs | of a cluster that shares a row (sm_90 and later); absent: one |
    | `keep_columns` | 0/1 | column operands are kept in registers over all rows |
    | `cache_hints` | 0/1 | rows leave the caches first |
    | `atomics` | 0/1 | sums over rows by atomic additions, in no fixed order, else by a second kernel |
    | `dependent_launch` | 0/1 | the kernel may begin before the one ahead of it ends (sm_90 and later) |

    A schedule that has `threads_per_row` is complete: a flag that is absent is
    then off, where it else is the cost model's to choose.

    Examples: `#rowwise.schedule<vector_width = 16, vectors = 4, rows_per_block = 8>`,
    `#rowwise.schedule<vector_width = 4, rows_per_block = 1, threads_per_row = 256, ctas = 132, keep_row = 1>`.
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
    OptionalParameter<"int64_t", "cache that rows are prefetched to">:$prefetch_level,
    OptionalParameter<"int64_t", "1 to overlap blocks">:$pipeline,
    OptionalParameter<"int64_t", "vectors of a column tile">:$tile_vectors,
    OptionalParameter<"int64_t", "1 for narrower vectors at the end">:$peel_remainder,
    OptionalParameter<"int64_t", "threads of a CTA for a row">:$threads_per_row,
    OptionalParameter<"int64_t", "CTAs of the grid">:$ctas,
    OptionalParameter<"int64_t", "CTAs of a cluster for a row">:$ctas_per_row,
    OptionalParameter<"int64_t", "1 to keep rows in registers">:$keep_row,
    OptionalParameter<"int64_t", "1 to keep columns in registers">:$keep_columns,
    OptionalParameter<"int64_t", "1 for cache hints">:$cache_hints,
    OptionalParameter<"int64_t", "1 for atomic sums">:$atomics,
    OptionalParameter<"int64_t", "1 for dependent launches">:$dependent_launch,
    OptionalParameter<"int64_t", "1 for approximate functions">:$approximate);
  let builders = [
    // All fields absent.
    AttrBuilder<(ins), [{
      return $_get($_ctxt, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                   0, 0, 0);
    }]>
  ];
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Whether it is for a GPU.
    bool isForGPU() const { return getThreadsPerRow() != 0; }
    /// Whether it has all that a lowering needs.
    bool isComplete() const {
      return getVectorWidth() && getVectors() && getRowsPerBlock() &&
             getRowsPerTask() &&
             (isForGPU() ? getCtas() != 0 : getRowsInFlight() != 0);
    }
  }];
}

#endif // ROWWISE_ATTRIBUTES_TD
