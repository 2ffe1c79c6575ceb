// Philox 4x32-10 over many counters at once: the definition is heed::philox in tensor/random/random.h. Integers only,
// so the numbers are the same whatever vectors the CPU has.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heed::kernels {

/// out[i] = the first two of the four words Philox makes of the counter (position + i, stream) under `key`, the first
/// word being the lower half. Each of the three 64-bit numbers is two words, the lower half first.
void philox_draws(std::uint64_t key, std::uint64_t stream, std::uint64_t position, std::uint64_t* out, std::size_t n);

}  // namespace heed::kernels
