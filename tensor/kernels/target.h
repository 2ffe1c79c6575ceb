// Which vector instructions the kernels use on this machine.
#pragma once

#include <string>
#include <vector>

namespace heed::kernels {

/// The name of the instruction set in use, such as "AVX3" (AVX-512), "AVX2", "SSE4", "NEON": the best, chosen at run
/// time.
std::string simd_target();

/// Whether it has fused multiply-add, which the promise of the same bits needs.
bool has_fused_multiply_add();

/// Those that the kernels are compiled for and that this machine has, best first.
std::vector<std::string> simd_targets();

/// For tests: from now on all kernels use this one of simd_targets(). False, and nothing is changed, when it is none of
/// them. Not while anything computes.
bool use_simd_target(const std::string& name);

}  // namespace heed::kernels
