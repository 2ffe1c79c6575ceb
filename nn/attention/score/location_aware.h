// Location-aware score (Chorowski et al. 2015), for speech: where the query before looked is part of the score.
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

/// e_s = vᵀ tanh(W q + U k_s + V f_s + b), f = F * previous weights: a convolution over positions with `channels`
/// filters of odd `width`, as long as the source (zeros beyond its ends); without previous weights f = 0. Queries
/// follow one another. Parameters: query.weight W [hidden, query], query.bias b [hidden], key.weight U [hidden, key],
/// convolution.weight F [channels, 1, width] (as torch.nn.Conv1d's), location.weight V [hidden, channels], v [hidden],
/// each from U(-1/√n, 1/√n), n its input width.
struct LocationAwareScore {
  struct Config {
    std::int64_t query = 0, key = 0, hidden = 0, channels = 10, width = 31;
    DType dtype = DType::f32;
  };

  /// ShapeError unless all sizes are positive; Error for an even width.
  LocationAwareScore(const Config& config, const ParameterSource& source);

  Variable project_keys(const Variable& keys) const;  ///< U k: [B, S, hidden]

  /// query [B, 1, query], previous [B, 1, S] or undefined -> [B, 1, S].
  Variable forward(const Variable& query, const Variable& projected, const Variable& previous) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("query.weight", self.query_weight);
    visitor("query.bias", self.query_bias);
    visitor("key.weight", self.key_weight);
    visitor("convolution.weight", self.convolution);
    visitor("location.weight", self.location_weight);
    visitor("v", self.v);
  }

  Parameter query_weight, query_bias, key_weight, convolution, location_weight, v;
};

}  // namespace heed::nn
