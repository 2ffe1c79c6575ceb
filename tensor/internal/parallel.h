// Loops over fixed chunks, on all threads.
//
// Goal: bits never depend on the number of threads. Chunk borders follow from n and grain alone; whoever runs a chunk
// computes the same thing, and partial results are combined in the order of their chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "heed/tensor/runtime.h"

namespace heed {

namespace detail {
using ChunkBody = void (*)(void* context, std::int64_t begin, std::int64_t end);
void run_chunks(std::int64_t n, std::int64_t grain, ChunkBody body, void* context);
}  // namespace detail

/// Calls body(begin, end) for [0, grain), [grain, 2·grain), … up to n, on any thread and in any order. With one chunk
/// the caller runs it at once. An exception thrown by a chunk reaches the caller.
template <class Body>
void parallel_chunks(std::int64_t n, std::int64_t grain, Body&& body) {
  if (n <= 0) return;
  if (n <= grain) return body(std::int64_t{0}, n);
  using Plain = std::remove_reference_t<Body>;
  detail::run_chunks(
      n, grain,
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<Plain*>(context))(begin, end); },
      const_cast<std::remove_const_t<Plain>*>(&body));
}

/// combine(…combine(partial(0), partial(1))…): partial(begin, end) of every chunk, added up pairwise in a fixed tree.
template <class T, class Partial, class Combine>
T reduce_chunks(std::int64_t n, std::int64_t grain, T empty, Partial&& partial, Combine&& combine) {
  if (n <= 0) return empty;
  if (n <= grain) return partial(std::int64_t{0}, n);
  std::vector<T> parts(static_cast<std::size_t>((n + grain - 1) / grain), empty);
  parallel_chunks(n, grain, [&](std::int64_t begin, std::int64_t end) {
    parts[static_cast<std::size_t>(begin / grain)] = partial(begin, end);
  });
  for (std::size_t width = 1; width < parts.size(); width *= 2)
    for (std::size_t i = 0; i + width < parts.size(); i += 2 * width) parts[i] = combine(parts[i], parts[i + width]);
  return parts[0];
}

}  // namespace heed
