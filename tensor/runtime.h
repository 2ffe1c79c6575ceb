// What heed runs on: the threads of its loops, and what computes its products.
#pragma once

#include <string>

namespace heed {

/// How many threads loops may use from now on. The default is what the machine offers. More than 64 are taken as 64,
/// and threads() tells; a count below 1 is an Error.
void set_threads(int count);
int threads();

/// From now on heed's own kernels compute every product, also those large ones that BLAS does otherwise: their bits are
/// the same on every processor that has fused multiply-add (x86-64 since Haswell and Zen, arm64). Of two or more rows
/// and columns they are also the same in every layout of the operands, and each row's whatever the number of rows. One
/// setting for the whole process; the default is false.
void set_reproducible(bool on);
bool reproducible();

/// Library, version and the kernel set it chose, such as "OpenBLAS 0.3.21 ... SkylakeX"; "CBLAS" when it does not tell.
std::string blas_description();

/// The vector instructions of heed's own kernels, such as "AVX3" (AVX-512), "AVX2", "NEON"; where they have no fused
/// multiply-add it says so: "SSE4 (no fused multiply-add: other bits)".
std::string simd_description();

}  // namespace heed
