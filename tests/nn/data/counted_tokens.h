// A text that counts, so that a token tells where it stands.
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace heed::test {

/// 0, 1, …, n - 1.
inline std::vector<std::int64_t> counted_tokens(std::int64_t n) {
  std::vector<std::int64_t> tokens(static_cast<std::size_t>(n));
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

}  // namespace heed::test
