// Dropout (Hinton et al. 2012), scaled while training so that nothing is to be done afterwards.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// y = x∘m / (1 - p), m = 0 with probability p and 1 else, drawn for each element in row-major order; zeros for p = 1,
/// x itself for p = 0, which draws nothing. f32, f64; saves m, as bool. Error unless 0 <= p <= 1.
Variable dropout(const Variable& x, double p, Generator& generator);

/// Error unless 0 <= p <= 1.
void check_probability(std::string_view operation, double p);

}  // namespace heed::nn
