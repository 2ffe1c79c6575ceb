// A training step of a recurrent language model: embedding, recurrent layers, linear output, mean cross-entropy,
// gradients, Adam with a learning rate of 0.001.
#pragma once

#include <cstdint>

#include "workloads/row.h"

namespace heed::bench {

struct RecurrentLm {
  static constexpr std::int64_t vocabulary = 65, embedding = 64, batch = 32, length = 64;

  const char* name;
  std::int64_t gates, hidden, layers;  // 4 gates: LSTM, 3: GRU, 1: Elman's network

  /// Each weight but the embedding's multiplies once a token, and twice more for the gradients.
  Costs costs() const {
    const double h = static_cast<double>(hidden), all = static_cast<double>(gates) * h;
    const auto upper = static_cast<double>(layers - 1);
    const double weights = all * (embedding + h) + upper * all * 2 * h + h * vocabulary;
    const double others = static_cast<double>(layers) * 2 * all + vocabulary + vocabulary * embedding;
    return {.flops = 3 * 2 * weights * batch * length, .parameters = weights + others};
  }
};

inline constexpr RecurrentLm recurrent_lms[] = {
    {"W4 LSTM hidden 256", 4, 256, 1}, {"W4 LSTM hidden 512", 4, 512, 1}, {"W5 LSTM 2 layers hidden 256", 4, 256, 2},
    {"W6 GRU hidden 256", 3, 256, 1},  {"W6 GRU hidden 512", 3, 512, 1},  {"W7 RNN hidden 256", 1, 256, 1},
    {"W7 RNN hidden 512", 1, 512, 1},
};

}  // namespace heed::bench
