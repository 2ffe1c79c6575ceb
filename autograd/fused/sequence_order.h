// How operations over whole sequences read them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace heed {

struct SequenceOrder {
  std::vector<std::int64_t> lengths = {};  ///< of each example, in [0, T]; empty: all are T long
  bool reverse = false;                    ///< from each example's last token to its first
};

/// ShapeError unless there is one length in [0, steps] per example.
void check_lengths(std::string_view operation, std::span<const std::int64_t> lengths, std::int64_t batch,
                   std::int64_t steps);

}  // namespace heed
