// Which instruction sets the kernels are compiled for: a baseline that every CPU of the architecture has, and those
// above it that change anything here. On x86-64: SSE4, AVX2 (with FMA) and AVX3 (AVX-512). Left out are SSSE3 and what
// Highway counts as better than AVX3, whose additions no kernel uses: each would cost every kernel file a quarter of
// its compile time. On arm64: NEON. SVE is left out: its vectors have no size at compile time, so that they cannot
// stand in arrays, as the running sums of a row do (row-inl.h). To be included before <hwy/foreach_target.h>.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | (HWY_AVX3 - 1) | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
