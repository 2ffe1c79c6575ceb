#include "heed/tensor/internal/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "heed/tensor/error.h"
#include "heed/tensor/internal/parallel_backend.h"

namespace heed {
namespace {
std::atomic<int> thread_count{0};  // 0: not asked for yet
}

namespace detail {

void run_chunks(std::int64_t n, std::int64_t grain, ChunkBody body, void* context) {
  const ChunkLoop loop{n, grain, (n + grain - 1) / grain, body, context};
  const int count = threads();
  if (count > 1) return run_on_threads(loop, count);
  for (std::int64_t chunk = 0; chunk < loop.chunks; ++chunk) loop.run(chunk);
}

}  // namespace detail

void set_threads(int count) {
  if (count < 1) throw Error(fmt::format("set_threads: {} threads asked for, at least 1 is needed", count));
  thread_count = std::min(count, detail::most_threads);
}

int threads() {
  int count = thread_count.load(std::memory_order_relaxed);
  if (count == 0) {
    const int offered = std::clamp(detail::available_threads(), 1, detail::most_threads);
    if (thread_count.compare_exchange_strong(count, offered)) count = offered;  // else another thread was first
  }
  return count;
}

}  // namespace heed
