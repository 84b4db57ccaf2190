//===- Searcher.h - Which schedule to try next ------------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strategies that propose points of a search space and learn what became of
// them. They must not know how candidates are compiled or measured.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_TUNING_SEARCHER_H
#define SEEDNORM_TUNING_SEARCHER_H

#include "seednorm/Tuning/LearnedModel.h"
#include "seednorm/Tuning/SearchSpace.h"

namespace seednorm::tuning {

enum class Strategy { Model, Exhaustive, Random, Evolution };

/// "model", "exhaustive", "random", "evolution"
llvm::StringRef stringifyStrategy(Strategy strategy);
std::optional<Strategy> parseStrategy(llvm::StringRef text);

struct Candidate {
  mlir::rowwise::ScheduleAttr schedule;
  /// What found it: "default", "near", "model", "random", "mutation", …
  std::string origin;
};

/// Proposes no point twice, and everything in an order that the seed and what
/// it was told decide alone.
class Searcher {
public:
  virtual ~Searcher();
  /// At most so many to try next, before or after what was asked for earlier
  /// has been told of. None: the search is over as far as what it was told
  /// goes; it is over for good if nothing is left to tell.
  virtual std::vector<Candidate> ask(unsigned count) = 0;
  /// What became of a candidate, or of a point that was never asked for and is
  /// not asked for from then on. Counts `speedup`; what has none is as bad as
  /// what failed.
  virtual void tell(const Candidate &candidate,
                    const Measurement &measurement) = 0;
};

/// The space must outlive the searcher; the model, which may be null, need not.
/// `near` are schedules that were good for programs, shapes or targets like
/// these; they need not be points.
///
/// - model: what the model predicts fastest, fastest first; nothing need be
///   told. For an NVIDIA GPU, where ptxas is there, the static estimate orders
///   the best of them (GPUEstimate.h).
/// - exhaustive: the default, then blocks of knobs that act on each other, each
///   in every combination around the best few so far, again and again until
///   none gets better. What a model with data predicts to be far behind is
///   left out. Small spaces: all points.
/// - random: the default, then any points.
/// - evolution: the default, `near`, and draws that the model ranks; then
///   mutations and crossings of the best, ranked by the model and by what the
///   search itself has measured; from new draws again where that leads nowhere.
std::unique_ptr<Searcher>
createSearcher(Strategy strategy, const SearchSpace &space,
               const LearnedModel *model, uint64_t seed,
               llvm::ArrayRef<mlir::rowwise::ScheduleAttr> near = {});

} // namespace seednorm::tuning

#endif // SEEDNORM_TUNING_SEARCHER_H
