// An LSTM language model writing, batch 1: embedding, one time step, linear output, the most probable token, which is
// what it reads next. Nothing is recorded.
#pragma once

#include <cstdint>

#include "workloads/row.h"

namespace heed::bench {

struct Generate {
  static constexpr std::int64_t vocabulary = 65, embedding = 64;

  const char* name;
  std::int64_t hidden;

  /// A product with one row reads each weight once and does next to nothing with it.
  Costs costs() const {
    const auto h = static_cast<double>(hidden);
    return {.read_bytes = 4 * (4 * h * (embedding + h) + h * vocabulary)};
  }
};

inline constexpr Generate generates[] = {{"W14 LSTM generating hidden 256", 256},
                                         {"W14 LSTM generating hidden 512", 512}};

}  // namespace heed::bench
