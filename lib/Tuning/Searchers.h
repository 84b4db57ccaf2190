//===- Searchers.h - What strategies have in common -------------*- C++ -*-===//
//
// Part of SeeDNorm-MLIR, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which points were asked for, what became of them, and a maker for each
// strategy. Knows nothing of how a strategy chooses.
//
//===----------------------------------------------------------------------===//

#ifndef SEEDNORM_LIB_TUNING_SEARCHERS_H
#define SEEDNORM_LIB_TUNING_SEARCHERS_H

#include "Predictor.h"
#include "seednorm/Tuning/Searcher.h"
#include "llvm/ADT/DenseSet.h"

namespace seednorm::tuning {

class SearcherBase : public Searcher {
public:
  SearcherBase(const SearchSpace &space, const LearnedModel *model,
               uint64_t seed)
      : space(space), predictor(space, model), random(seed) {}

  void tell(const Candidate &candidate, const Measurement &measurement) final;

protected:
  struct Known {
    mlir::rowwise::ScheduleAttr schedule;
    /// log(time / time of the default)
    double cost;
  };
  /// Something was measured; it is the last of `known`.
  virtual void learn() {}

  bool isNew(mlir::rowwise::ScheduleAttr schedule) const {
    return !asked.contains(schedule);
  }
  /// Whether it is asked for now: if it never was.
  bool take(mlir::rowwise::ScheduleAttr schedule, llvm::StringRef origin,
            std::vector<Candidate> &candidates);
  /// The default is what all else is measured by.
  void takeDefault(std::vector<Candidate> &candidates) {
    take(space.getDefault(), "default", candidates);
  }
  /// New points in order, for when chance hardly finds any.
  void takeRest(unsigned count, llvm::StringRef origin,
                std::vector<Candidate> &candidates);

  const SearchSpace &space;
  Predictor predictor;
  Random random;
  std::vector<Known> known;
  size_t numPending = 0;

private:
  llvm::DenseSet<mlir::rowwise::ScheduleAttr> asked;
};

std::unique_ptr<Searcher> createModelSearcher(const SearchSpace &space,
                                              const LearnedModel *model,
                                              uint64_t seed);
std::unique_ptr<Searcher> createExhaustiveSearcher(const SearchSpace &space,
                                                   const LearnedModel *model,
                                                   uint64_t seed);
std::unique_ptr<Searcher>
createEvolutionSearcher(const SearchSpace &space, const LearnedModel *model,
                        uint64_t seed,
                        llvm::ArrayRef<mlir::rowwise::ScheduleAttr> near);

} // namespace seednorm::tuning

#endif // SEEDNORM_LIB_TUNING_SEARCHERS_H
