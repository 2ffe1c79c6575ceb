// What this machine can do at most, measured: what the floors of the workloads follow from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace heed::bench {

/// Does `rounds` × 12 fused multiply-adds of the widest vectors there are, and gives the number of operations (a
/// multiply-add is two).
double fused_multiply_adds(std::int64_t rounds);

/// FLOP/s of fused multiply-adds on one thread, over some 5 ms.
double fma_peak();

/// Bytes per second that `threads` threads read together, each over and over its own part of an array of `bytes`.
double read_bandwidth(std::size_t bytes, int threads);

/// Bytes per second, read and written, of copying an array of `bytes`, each thread its own part.
double copy_bandwidth(std::size_t bytes, int threads);

/// Bytes per second, read and written, of what Adam does to memory: of four arrays of `elements` floats, four are read
/// and three written.
double update_bandwidth(std::size_t elements, int threads);

/// The processor's name as the system tells it.
std::string processor();

}  // namespace heed::bench
