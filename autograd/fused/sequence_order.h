// How operations over whole sequences read them.
#pragma once

#include <cstdint>
#include <vector>

namespace heed {

struct SequenceOrder {
  std::vector<std::int64_t> lengths = {};  ///< of each example, in [0, T]; empty: all are T long
  bool reverse = false;                    ///< from each example's last token to its first
};

}  // namespace heed
