// Attention, forward and backward: alone, between heads that are given (W9), and with the linear layers of multi-head
// self-attention around it (W8). A sum of products with random numbers is what gradients begin from.
#pragma once

#include <cstdint>

#include "workloads/row.h"

namespace heed::bench {

struct Attention {
  const char* name;
  std::int64_t batch, heads, length, width;  ///< width: of a head
  bool causal, projected;

  /// Seven products of queries with keys or values: two forward, five backward, since the weights are not kept. Half of
  /// them is behind a causal query. And four square layers, each three products.
  Costs costs() const {
    const auto b = static_cast<double>(batch), t = static_cast<double>(length),
               e = static_cast<double>(heads) * static_cast<double>(width);
    const double attention = 7 * 2 * b * t * t * e * (causal ? 0.5 : 1), layers = 3 * 2 * 4 * b * t * e * e;
    return {.flops = attention + (projected ? layers : 0)};
  }
};

inline constexpr Attention attentions[] = {
    {"W8 multi-head 8 heads of 32, T 128, B 16", 16, 8, 128, 32, false, true},
    {"W9 attention 8 heads of 32, T 1024", 1, 8, 1024, 32, false, false},
    {"W9 attention 8 heads of 32, T 1024, causal", 1, 8, 1024, 32, true, false},
    {"W9 attention 8 heads of 32, T 4096", 1, 8, 4096, 32, false, false},
};

}  // namespace heed::bench
