// Relative positions by clipped distance (Shaw, Uszkoreit and Vaswani 2018).
#pragma once

#include <optional>

#include "heed/autograd/ops/attention_weights.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// A vector for each distance d = s - p of a key at s and a query at p, distances beyond k being those at k: attention
/// with keys k_s + key[d + k] and values v_s + value[d + k], for every pair (p, s). Parameters: key [2k + 1, K] and
/// value [2k + 1, D], shared by all heads, drawn by Xavier's uniform rule.
///
/// The paper gives no sum of a key and a vector of its own for each pair: its scores are q·k + q·key[d + k], and the
/// products with the 2k + 1 vectors are made once for each query. Queries stand at first_position + t, where the first
/// is S - T unless given, so that the last query is at the last key (a cache holds the keys before).
struct RelativePositions {
  struct Config {
    std::int64_t clip = 0;            ///< k, at least 1
    std::int64_t key = 0, value = 0;  ///< K and D of a head; value 0: scores only
    DType dtype = DType::f32;
  };

  /// ShapeError unless clip and key are positive and value not negative.
  RelativePositions(const Config& config, const ParameterSource& source);

  /// scale·q·key[d + k], to be added to scores: query [B, H, T, K] -> [B, H, T, S]. The scale is 1/√K unless given.
  /// ShapeError, DTypeError; IndexError where the first position lies outside ±2^31.
  Variable bias(const Variable& query, std::int64_t keys, std::optional<double> scale = {},
                std::optional<std::int64_t> first_position = {}) const;

  /// Σ_s weights·value[d + k]: weights [B, H, T, S] -> [B, H, T, D], to be added to what attention gives. Errors as
  /// above; ShapeError where there is no value.
  Variable context(const Variable& weights, std::optional<std::int64_t> first_position = {}) const;

  /// Attention with both: as scaled_dot_product_attention, with its options, masks and errors. Queries stand at
  /// options.causal_offset + t, causal or not. Where there is a value the weights [B, H, T, S] are kept.
  Variable attend(const Variable& query, const Variable& key, const Variable& value,
                  const AttentionOptions& options = {}) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("key", self.key);
    visitor("value", self.value);
  }

  Parameter key, value;
};

}  // namespace heed::nn
