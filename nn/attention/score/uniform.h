// No score: every key alike.
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = 0: with softmax the mean of the allowed values, a baseline; with an align that goes by position alone
/// (align/diagonal.h) all there is. Nothing is learned.
struct UniformScore {
  static constexpr bool scores_alike = true, never_positive = true;

  struct Config {};

  explicit UniformScore(const Config& = {}) {}
  UniformScore(const Config&, const ParameterSource&) {}

  static Variable project_keys(const Variable& keys) { return keys; }
  static Variable forward(const Variable& query, const Variable& keys);  ///< [B, T, Q], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
