// GPT (models/gpt.h) without dropout: training steps (mean cross-entropy, gradients, AdamW with a learning rate of
// 0.001 and PyTorch's decay of 0.01), and one token after the other with a cache of keys and values, batch 1, up to the
// context, then anew.
#pragma once

#include <cstdint>

#include "workloads/row.h"

namespace heed::bench {

struct GptSizes {
  static constexpr std::int64_t vocabulary = 65;

  const char* name;
  std::int64_t layers, heads, embedding, context, batch;

  double weights() const {  // that multiply
    const auto e = static_cast<double>(embedding);
    return 12 * e * e * static_cast<double>(layers) + static_cast<double>(vocabulary) * e;
  }

  /// Each weight multiplies once a token, and twice more for the gradients; seven products of queries with keys or
  /// values, of which half is behind a causal query.
  Costs training_costs() const {
    const auto e = static_cast<double>(embedding), t = static_cast<double>(context), l = static_cast<double>(layers),
               tokens = static_cast<double>(batch) * t;
    return {.flops = tokens * (3 * 2 * weights() + l * 7 * 2 * t * e / 2),
            .parameters = weights() + t * e + l * 13 * e + 2 * e};
  }

  /// Weights are read once, and of keys and values half a context on the mean.
  Costs decoding_costs() const {
    const auto e = static_cast<double>(embedding), t = static_cast<double>(context), l = static_cast<double>(layers);
    return {.read_bytes = 4 * (weights() + l * t * e)};
  }
};

struct GptTraining : GptSizes {
  Costs costs() const { return training_costs(); }
};

struct GptDecoding : GptSizes {
  Costs costs() const { return decoding_costs(); }
};

inline constexpr GptTraining gpt_trainings[] = {
    {{"W10 GPT 4 layers, 4 heads, 128, T 64, B 12", 4, 4, 128, 64, 12}},
    {{"W11 GPT 6 layers, 6 heads, 384, T 256, B 16", 6, 6, 384, 256, 16}},
};

inline constexpr GptDecoding gpt_decodings[] = {
    {{"W13 GPT decoding, 4 layers, 4 heads, 128, T 256", 4, 4, 128, 256, 1}},
    {{"W13 GPT decoding, 6 layers, 6 heads, 384, T 256", 6, 6, 384, 256, 1}},
};

}  // namespace heed::bench
