#include "heed/tensor/memory.h"

#ifdef HEED_PLAIN_MALLOC
#include <cstdlib>
#else
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>

#include "heed/tensor/internal/memory_pool.h"  // here alone: in namespace detail its names would hide those below
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <new>

// Nothing here is ever destroyed: the destructors of a program's static objects may still use tensors.

namespace heed {
namespace {

#ifdef HEED_PLAIN_MALLOC  // for sanitizers: a pool and kept blocks would hide overflows and uses after free

std::size_t default_limit() { return 0; }
void* pool_allocate(std::size_t bytes) { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); }
void pool_free(void* memory) noexcept { std::free(memory); }
void pool_release() {}
void* map_large(std::size_t bytes) { return pool_allocate(bytes); }
void unmap_large(detail::Block block) noexcept { pool_free(block.memory); }

#else

using detail::pool_allocate, detail::pool_free, detail::pool_release;

// An eighth of what there is, at most 1 GiB.
std::size_t default_limit() {
  std::size_t memory =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (const char* name : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (std::size_t most = 0; std::ifstream(name) >> most) memory = std::min(memory, most);  // it may say "max"
  return std::min(std::size_t{1} << 30, memory / 8);
}

constexpr std::size_t page = 4096;  // or a part of one

// Blocks begin at different offsets in a page: where all began at the same one, their elements of equal index would
// share few sets of the first-level cache, and a load would wait for a store whose address ends in the same 12 bits.
void* map_large(std::size_t bytes) {
  static constinit std::atomic<std::size_t> blocks{0};
  const std::size_t skipped = blocks.fetch_add(1, std::memory_order_relaxed) * 320 % page;
  void* memory = mmap(nullptr, bytes + skipped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory) + skipped;
}

void unmap_large(detail::Block block) noexcept {
  const std::size_t skipped = reinterpret_cast<std::uintptr_t>(block.memory) % page;
  munmap(static_cast<std::byte*>(block.memory) - skipped, block.capacity + skipped);
}

#endif

// Freed large blocks, in the order in which they were freed.
class Cache {
 public:
  static Cache& shared() {
    static Cache& cache = *new Cache;
    return cache;
  }

  // The smallest block of at least `bytes`, unless it is more than twice as large; no memory when there is none.
  detail::Block take(std::size_t bytes) {
    std::lock_guard lock(guard_);
    std::size_t best = count_;
    for (std::size_t i = 0; i < count_; ++i)
      if (blocks_[i].capacity >= bytes && blocks_[i].capacity / 2 <= bytes &&
          (best == count_ || blocks_[i].capacity <= blocks_[best].capacity))
        best = i;
    return best == count_ ? detail::Block{} : remove(best);
  }

  void put(detail::Block block) {
    for (;;) {
      detail::Block oldest = block;
      {
        std::lock_guard lock(guard_);
        const bool fits = block.capacity <= limit_;
        if (fits && bytes_ <= limit_ - block.capacity && count_ < blocks_.size()) {
          blocks_[count_++] = block;
          bytes_ += block.capacity;
          return;
        }
        if (fits) oldest = remove(0);
      }
      unmap_large(oldest);  // takes a while: not under the lock
      if (oldest.memory == block.memory) return;
    }
  }

  void release() { shrink(0); }

  void set_limit(std::size_t bytes) {
    {
      std::lock_guard lock(guard_);
      limit_ = bytes;
    }
    shrink(bytes);
  }

  std::size_t limit() {
    std::lock_guard lock(guard_);
    return limit_;
  }

  std::size_t bytes() {
    std::lock_guard lock(guard_);
    return bytes_;
  }

 private:
  detail::Block remove(std::size_t i) {
    const detail::Block block = blocks_[i];
    std::copy(blocks_.begin() + i + 1, blocks_.begin() + count_, blocks_.begin() + i);
    --count_;
    bytes_ -= block.capacity;
    return block;
  }

  // Until at most so many bytes are left.
  void shrink(std::size_t most) {
    for (;;) {
      detail::Block oldest;
      {
        std::lock_guard lock(guard_);
        if (bytes_ <= most) return;
        oldest = remove(0);
      }
      unmap_large(oldest);
    }
  }

  std::mutex guard_;
  std::array<detail::Block, 256> blocks_;  // few enough to be looked through
  std::size_t count_ = 0, bytes_ = 0, limit_ = default_limit();
};

// The bytes of live tensors are the sum of these. Each thread has a counter of its own, or shares it with few others:
// threads that all wrote to one would wait for each other at every small tensor. A tensor may be freed by another
// thread than the one that made it, so a single counter means nothing and may be negative.
struct alignas(64) Counter {
  std::atomic<std::int64_t> live{0};
  std::atomic<std::int64_t> lowest{0};  // that `live` has been since the sum was last looked at
};
constinit std::array<Counter, 32> counters;
constinit std::atomic<std::size_t> threads_seen{0};
constinit std::atomic<std::int64_t> peak{0};
constexpr std::int64_t peak_step = 1 << 16;  // a counter may grow by so much before the sum is looked at

Counter& own_counter() {
  constinit thread_local Counter* own = nullptr;
  if (!own) own = &counters[threads_seen.fetch_add(1, std::memory_order_relaxed) % counters.size()];
  return *own;
}

// The sum of all counters, now also in the peak.
std::int64_t live_bytes() {
  std::int64_t sum = 0;
  for (const Counter& counter : counters) sum += counter.live.load(std::memory_order_relaxed);
  for (std::int64_t seen = peak.load(); seen < sum && !peak.compare_exchange_weak(seen, sum);) {
  }
  return sum;
}

void* allocate_or_throw(void* (*allocate)(std::size_t), std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();  // would overflow when it is rounded
  void* memory = allocate(bytes);
  if (!memory) {
    release_cached_memory();
    memory = allocate(bytes);
  }
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

MemoryStats memory_stats() {
  const auto live = static_cast<std::size_t>(std::max<std::int64_t>(live_bytes(), 0));
  return {live, std::max(live, static_cast<std::size_t>(peak.load())), Cache::shared().bytes()};
}

void reset_peak_memory() {
  peak = 0;
  live_bytes();
}

void set_memory_cache_limit(std::size_t bytes) { Cache::shared().set_limit(bytes); }
std::size_t memory_cache_limit() { return Cache::shared().limit(); }

void release_cached_memory() {
  Cache::shared().release();
  pool_release();
}

void* allocate_aligned(std::size_t bytes) { return allocate_or_throw(pool_allocate, bytes); }
void free_aligned(void* memory) noexcept { pool_free(memory); }

namespace detail {

Block allocate_block(std::size_t bytes) {
  if (bytes < large_block_bytes) return {allocate_or_throw(pool_allocate, bytes), bytes};
  if (const Block block = Cache::shared().take(bytes); block.memory) return block;
  return {allocate_or_throw(map_large, bytes), bytes};
}

void free_block(Block block) noexcept {
  if (block.capacity >= large_block_bytes) return Cache::shared().put(block);
  pool_free(block.memory);
}

void count_live(std::int64_t bytes) noexcept {
  Counter& counter = own_counter();
  const std::int64_t live = counter.live.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  const std::int64_t lowest = counter.lowest.load(std::memory_order_relaxed);
  if (live < lowest) counter.lowest.store(live, std::memory_order_relaxed);
  if (live - lowest < peak_step) return;
  counter.lowest.store(live, std::memory_order_relaxed);
  live_bytes();
}

}  // namespace detail

}  // namespace heed
