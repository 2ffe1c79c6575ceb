// The same under each set of vector instructions.
#pragma once

#include <string>

#include "heed/tensor/kernels/target.h"

namespace heed::test {

/// Calls body(name) while the kernels use each of simd_targets() in turn; in the end they use what they did before.
template <class Body>
void for_every_target(const Body& body) {
  const std::string before = kernels::simd_target();
  for (const std::string& target : kernels::simd_targets()) {
    kernels::use_simd_target(target);
    body(target);
  }
  kernels::use_simd_target(before);
}

/// Whether the multiply-adds of the target in use are fused. Where they are not, products and exp, log, tanh, sigmoid round differently.
inline bool fuses() { return kernels::has_fused_multiply_add(); }

}  // namespace heed::test
