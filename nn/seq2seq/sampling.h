// Drawing the next token from a model's logits.
#pragma once

#include <cstdint>

#include "heed/tensor/random/random.h"

namespace heed::nn {

struct SamplingConfig {
  double temperature = 1;  ///< logits are divided by it; 0: the most probable token, without a draw
  std::int64_t top_k = 0;  ///< only the k most probable tokens (Fan et al. 2018); 0: all
  double top_p = 1;        ///< only the fewest tokens that together have this probability (Holtzman et al. 2020)
};

/// A token drawn from softmax(logits / temperature), of those that top_k and then top_p leave, in double precision;
/// logits [V], f32 or f64. Equal logits count in the order of their ids. One draw, or none for temperature 0.
/// ShapeError unless logits is [V] with V >= 1; Error for a NaN, when the greatest logit is not finite, and for settings outside finite
/// temperature >= 0, top_k >= 0, 0 < top_p <= 1.
std::int64_t sample(const Tensor& logits, const SamplingConfig& config, Generator& generator);

}  // namespace heed::nn
