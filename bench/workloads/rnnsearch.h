// A training step of RNNsearch (models/rnnsearch.h): gradients, clipping to norm 1, Adam with a learning rate of 0.001.
// Embedding m, maxout units l: half the hidden units n; alignment n.
#pragma once

#include <cstdint>

#include "workloads/row.h"

namespace heed::bench {

struct RnnSearchSizes {
  const char* name;
  std::int64_t batch, source, target, source_vocabulary, target_vocabulary, hidden;

  /// Multiply-adds of the matrix products, times two; the gradients take twice as many again.
  Costs costs() const {
    const auto n = static_cast<double>(hidden), m = n / 2, l = n / 2, words = static_cast<double>(target_vocabulary);
    const auto s = static_cast<double>(source), t = static_cast<double>(target);
    const double encoder = 2 * (m * 3 * n + n * 3 * n) + 2 * n * n;         // per source token: two GRUs, U_a
    const double decoder = m * 3 * n + n * n + 2 * n * 3 * n + n * 3 * n +  // per target token: W, W_a, C, U
                           2 * s * n +                                      // context
                           (n + m + 2 * n) * 2 * l + l * words;             // readout
    const double gru = 3 * n * (m + n + 2);
    const double parameters = static_cast<double>(source_vocabulary) * m + words * m + 2 * gru + n * n + n + n * n +
                              2 * n * n + n +                                       // alignment
                              3 * n * m + 3 * n + 3 * n * 2 * n + 3 * n * n +       // decoder
                              2 * l * (n + m + 2 * n) + 2 * l + l * words + words;  // readout
    return {.flops = 3 * 2 * static_cast<double>(batch) * (s * encoder + t * decoder), .parameters = parameters};
  }
};

inline constexpr RnnSearchSizes rnnsearches[] = {
    {"W12 RNNsearch dates hidden 128", 64, 18, 11, 60, 16, 128},
    {"W12 RNNsearch dates hidden 256", 64, 18, 11, 60, 16, 256},
    {"W12 RNNsearch pairs hidden 128", 64, 9, 9, 5000, 8000, 128},
    {"W12 RNNsearch pairs hidden 256", 64, 9, 9, 5000, 8000, 256},
};

}  // namespace heed::bench
