// Weights and data that heed and its peers both start from: numbers that depend on a name and an index alone.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace heed::bench {

/// Number i of the sequence called `name`: 64 random-looking bits (FNV-1a of the name, then SplitMix64's last step).
inline std::uint64_t bits(std::string_view name, std::uint64_t i) {
  std::uint64_t x = 14695981039346656037u;
  for (const char c : name) x = (x ^ static_cast<unsigned char>(c)) * 1099511628211u;
  x += (i + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Weights of the parameter `name`: uniform in [-1/16, 1/16).
inline void fill_weights(std::string_view name, std::span<float> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(bits(name, i) >> 40) * 0x1p-27f - 0x1p-4f;
}

/// Ids of [0, n).
inline void fill_ids(std::string_view name, std::span<std::int64_t> to, std::int64_t n) {
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] = static_cast<std::int64_t>(bits(name, i) % static_cast<std::uint64_t>(n));
}

}  // namespace heed::bench
