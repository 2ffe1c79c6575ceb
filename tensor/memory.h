// Memory: what tensors hold, and large blocks that stay warm between uses.
//
// A freed block of large_block_bytes or more is kept for the next tensor: giving it to the system and asking again
// would cost a page fault for every 4096 bytes. What is kept is bounded by set_memory_cache_limit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heed {

/// Bytes of the elements of tensors, shared ones counted once. Graph nodes and C++ containers are not counted.
struct MemoryStats {
  std::size_t live_bytes;  // of tensors that exist now
  std::size_t
      peak_bytes;  // the most live_bytes has been since the start or reset_peak_memory, to within 64 KiB a thread
  std::size_t cached_bytes;  // freed and kept for the next tensors
};
MemoryStats memory_stats();

/// From now on the peak is counted from what is live now.
void reset_peak_memory();

/// Freed blocks of this size or more are kept; smaller ones go back to the pool of oneTBB.
constexpr std::size_t large_block_bytes = std::size_t{1} << 20;

/// How many bytes of freed blocks may be kept; 0 keeps none. The default is 1 GiB (0 in a build with sanitizers). When
/// there are more, those freed longest ago are given back to the system.
void set_memory_cache_limit(std::size_t bytes);
std::size_t memory_cache_limit();

/// Gives back to the system what is kept, and the free memory of oneTBB's pool, which is one for the whole process. An
/// allocation that would fail does so by itself and tries again.
void release_cached_memory();

/// Memory from the pool, aligned to 64 bytes, for small objects. std::bad_alloc when there is none.
void* allocate_aligned(std::size_t bytes);
void free_aligned(void* memory) noexcept;

namespace detail {

/// The memory of a tensor, aligned to 64 bytes. `capacity` is at least what was asked for.
struct Block {
  void* memory = nullptr;
  std::size_t capacity = 0;
};
Block allocate_block(std::size_t bytes);
void free_block(Block block) noexcept;

/// Adds to live_bytes, and to the peak when that has grown.
void count_live(std::int64_t bytes) noexcept;

}  // namespace detail

}  // namespace heed
