// What a backend of the parallel loops provides: tbb.cpp (oneTBB), or parallel_threads.cpp (std::thread, for
// ThreadSanitizer). The build compiles one of them: HEED_PARALLEL.
// Not part of the public interface.
#pragma once

#include <algorithm>
#include <cstdint>

#include "heed/tensor/internal/parallel.h"

namespace heed::detail {

constexpr int most_threads = 64;  // of one loop

struct ChunkLoop {
  std::int64_t n, grain, chunks;
  ChunkBody body;
  void* context;

  void run(std::int64_t chunk) const { body(context, chunk * grain, std::min(n, (chunk + 1) * grain)); }
};

/// How many threads the machine offers this process.
int available_threads();

/// Runs every chunk once on up to `count` threads, 2 to most_threads, and returns when all have ended. Chunks round as
/// the caller does. An exception of a chunk reaches the caller; chunks that have not begun then may be left out. A
/// chunk may run a loop of its own, and while its thread waits for that it begins no other chunk of the outer loop.
void run_on_threads(const ChunkLoop& loop, int count);

}  // namespace heed::detail
