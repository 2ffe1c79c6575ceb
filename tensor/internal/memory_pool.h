// The pool that small tensors' memory comes from: oneTBB's scalable allocator (tbb.cpp), which threads share without
// waiting for each other. Not there where HEED_PLAIN_MALLOC is defined.
// Not part of the public interface.
#pragma once

#include <cstddef>

namespace heed::detail {

/// At an address that is a multiple of 64; null when there is no memory.
void* pool_allocate(std::size_t bytes);

/// Of pool_allocate(), or null.
void pool_free(void* memory) noexcept;

/// Gives what the pool keeps for later back to the system.
void pool_release();

}  // namespace heed::detail
