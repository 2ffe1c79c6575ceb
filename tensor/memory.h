// Memory: what tensors hold, and large blocks that stay warm between uses.
//
// A block of large_block_bytes or more comes from the system, by mmap, and is kept when it is freed: giving it back and
// asking again would cost a page fault for every 4096 bytes. What is kept is bounded by set_memory_cache_limit. A kept
// block serves any tensor of at least half its size, so a tensor may hold up to twice the memory it asked for.
//
// Smaller blocks come from the pool of oneTBB, which keeps what it likes; this bound is not for them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heed {

/// Bytes of the elements of tensors, shared ones counted once; what a block has beyond them is not counted, nor are
/// graph nodes and C++ containers.
struct MemoryStats {
  std::size_t live_bytes;  // of tensors that exist now
  std::size_t
      peak_bytes;  // the most live_bytes has been since the start or reset_peak_memory, to within 64 KiB a thread
  std::size_t cached_bytes;  // of large blocks, freed and kept for the next tensors
};
MemoryStats memory_stats();

/// From now on the peak is counted from what is live now.
void reset_peak_memory();

/// Freed blocks of this size or more are kept; smaller ones go back to the pool of oneTBB.
constexpr std::size_t large_block_bytes = std::size_t{1} << 20;

/// How many bytes of freed large blocks may be kept, 256 blocks at most; 0 keeps none. The default is 1 GiB, or an
/// eighth of the machine's memory (of the control group's limit in a container) where that is less, and 0 in a build
/// with sanitizers. When there are more, those freed longest ago are given back to the system.
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
