#include "heed/tensor/runtime.h"

#include "heed/tensor/kernels/target.h"

namespace heed {

std::string simd_description() {
  return kernels::simd_target() + (kernels::has_fused_multiply_add() ? "" : " (no fused multiply-add: other bits)");
}

}  // namespace heed
