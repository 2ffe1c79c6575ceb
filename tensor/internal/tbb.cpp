// oneTBB: parallel loops on its threads, and small tensors' memory from its pool. No other file names it.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/scalable_allocator.h>
#include <oneapi/tbb/task_arena.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include "heed/tensor/internal/memory_pool.h"
#include "heed/tensor/internal/parallel_backend.h"

namespace heed::detail {
namespace {

// Arenas of our own, one for each number of threads: its size is that number, also when it is more than the machine
// has. They are made on first use and never destroyed: the destructors of a program's static objects may still run
// loops, and so may another thread when set_threads chooses another arena.
std::array<std::atomic<tbb::task_arena*>, most_threads + 1> arenas{};

tbb::task_arena& new_arena(int count) {
  struct Shared {
    std::mutex guard;
    std::unique_ptr<tbb::global_control> permission;  // for more threads than cores; without it TBB refuses, in print
    int permitted = tbb::info::default_concurrency();
  };
  static Shared& shared = *new Shared;
  std::lock_guard lock(shared.guard);
  std::atomic<tbb::task_arena*>& arena = arenas[static_cast<std::size_t>(count)];
  if (!arena) {
    if (count > shared.permitted) {
      shared.permission = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, count);
      shared.permitted = count;
    }
    arena = new tbb::task_arena(count);
  }
  return *arena;
}

}  // namespace

void* pool_allocate(std::size_t bytes) { return scalable_aligned_malloc(bytes, 64); }
void pool_free(void* memory) noexcept { scalable_aligned_free(memory); }
void pool_release() { scalable_allocation_command(TBBMALLOC_CLEAN_ALL_BUFFERS, nullptr); }

int available_threads() { return tbb::info::default_concurrency(); }

void run_on_threads(const ChunkLoop& loop, int count) {
  tbb::task_arena* ready = arenas[static_cast<std::size_t>(count)].load(std::memory_order_acquire);
  tbb::task_arena& arena = ready ? *ready : new_arena(count);
  // Workers must round as the caller does; without captured settings they keep those of the moment TBB started.
  tbb::task_group_context settings;
  settings.capture_fp_settings();
  arena.execute([&] {
    // Isolated: while this thread waits it must not pick up an outer loop's chunk.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(
          std::int64_t{0}, loop.chunks, [&loop](std::int64_t chunk) { loop.run(chunk); }, tbb::auto_partitioner(),
          settings);
    });
  });
}

}  // namespace heed::detail
