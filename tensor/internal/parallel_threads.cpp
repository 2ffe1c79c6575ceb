// Parallel loops on std::thread, for ThreadSanitizer: it does not see how oneTBB's threads wait for each other, and
// would report races where there are none.
//
// Goal: that no race between two chunks stays hidden. Chunk c runs on thread c mod T, in every run, and the threads
// share nothing: nothing orders the chunks of one loop but its beginning and its end. Speed is no goal.
#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "heed/tensor/internal/parallel_backend.h"

namespace heed::detail {
namespace {
thread_local bool inside = false;  // a loop's chunk runs on this thread: a loop within it runs here alone
}

// At least 4, so that races show on small machines too.
int available_threads() { return std::max(4, static_cast<int>(std::thread::hardware_concurrency())); }

void run_on_threads(const ChunkLoop& loop, int count) {
  if (inside) {
    for (std::int64_t chunk = 0; chunk < loop.chunks; ++chunk) loop.run(chunk);
    return;
  }
  const std::int64_t stride = std::min<std::int64_t>(count, loop.chunks);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(stride));
  const auto run_share = [&](std::int64_t first) {
    inside = true;
    try {
      for (std::int64_t chunk = first; chunk < loop.chunks; chunk += stride) loop.run(chunk);
    } catch (...) {
      failures[static_cast<std::size_t>(first)] = std::current_exception();
    }
    inside = false;
  };
  {
    std::vector<std::jthread> workers;  // a new thread rounds as the one that made it (POSIX); all end with this block
    workers.reserve(static_cast<std::size_t>(stride));
    for (std::int64_t first = 1; first < stride; ++first) workers.emplace_back(run_share, first);
    run_share(0);
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace heed::detail
