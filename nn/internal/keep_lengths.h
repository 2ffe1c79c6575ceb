// Caches that a failed call leaves as they were. Not part of the public interface.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace heed::nn {

/// What f() gives. Where it throws, every cache forgets the positions that it has read since (length(), truncate()).
template <class Cache, class F>
auto keep_lengths_on_error(std::span<Cache> caches, const F& f) {
  std::vector<std::int64_t> before;
  for (const Cache& cache : caches) before.push_back(cache.length());
  try {
    return f();
  } catch (...) {
    for (std::size_t i = 0; i < caches.size(); ++i) caches[i].truncate(before[i]);
    throw;
  }
}

template <class Cache, class F>
auto keep_length_on_error(Cache& cache, const F& f) {
  return keep_lengths_on_error(std::span(&cache, 1), f);
}

}  // namespace heed::nn
