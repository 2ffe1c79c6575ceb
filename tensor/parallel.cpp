#include "heed/tensor/parallel.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/scalable_allocator.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>

namespace heed {
namespace {

// OpenBLAS ends the program when more threads use it at a time than it has buffers for (128 in Debian).
constexpr int most_threads = 64;

// One arena of our own: its size is the number of threads, also when that is more than the machine has.
std::mutex arena_guard;
std::shared_ptr<tbb::task_arena> shared_arena;
std::unique_ptr<tbb::global_control> permission;  // for more threads than cores; without it TBB refuses, in print

std::shared_ptr<tbb::task_arena> new_arena(int count) {
  if (count > tbb::info::default_concurrency())
    permission = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, count);
  return std::make_shared<tbb::task_arena>(count);
}

std::shared_ptr<tbb::task_arena> arena() {
  std::lock_guard lock(arena_guard);
  if (!shared_arena) shared_arena = new_arena(std::min(tbb::info::default_concurrency(), most_threads));
  return shared_arena;
}

}  // namespace

namespace detail {

void run_chunks(std::int64_t n, std::int64_t grain, ChunkBody body, void* context) {
  const std::int64_t chunks = (n + grain - 1) / grain;
  const auto run = [&](std::int64_t chunk) { body(context, chunk * grain, std::min(n, (chunk + 1) * grain)); };
  const auto tasks = arena();
  if (tasks->max_concurrency() == 1) {
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) run(chunk);
    return;
  }
  // Workers must round as the caller does; without captured settings they keep those of the moment TBB started.
  tbb::task_group_context settings;
  settings.capture_fp_settings();
  tasks->execute([&] {
    // Isolated: while this thread waits it must not pick up an outer loop's chunk.
    tbb::this_task_arena::isolate(
        [&] { tbb::parallel_for(std::int64_t{0}, chunks, run, tbb::auto_partitioner(), settings); });
  });
}

}  // namespace detail

void set_threads(int count) {
  std::lock_guard lock(arena_guard);
  shared_arena = new_arena(std::clamp(count, 1, most_threads));
}

int threads() { return arena()->max_concurrency(); }

#ifdef HEED_PLAIN_MALLOC  // sanitizer builds: a pool would hide overflows and uses after free

void* allocate_aligned(std::size_t bytes) {
  void* memory = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void free_aligned(void* memory) noexcept { std::free(memory); }

#else

void* allocate_aligned(std::size_t bytes) {
  void* memory = scalable_aligned_malloc(bytes, 64);
  if (!memory) throw std::bad_alloc();
  return memory;
}

void free_aligned(void* memory) noexcept { scalable_aligned_free(memory); }

#endif

}  // namespace heed
