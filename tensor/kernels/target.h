// Which vector instructions the kernels use on this machine.
#pragma once

#include <string>

namespace heed::kernels {

/// The name of the instruction set chosen at run time, such as "AVX3" (AVX-512), "AVX2", "SSE4", "NEON".
std::string simd_target();

}  // namespace heed::kernels
