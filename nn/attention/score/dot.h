// Dot product (Luong, Pham and Manning 2015, "dot").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e = qᵀk, for queries and keys of one width. Nothing is learned.
struct DotScore {
  struct Config {};

  explicit DotScore(const Config& = {}) {}
  DotScore(const Config&, const ParameterSource&) {}

  static Variable project_keys(const Variable& keys) { return keys; }
  static Variable forward(const Variable& query, const Variable& keys);  ///< [B, T, K], [B, S, K] -> [B, T, S]

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace heed::nn
