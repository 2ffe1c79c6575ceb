// How much of attention stands where it should.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed::examples {

/// The mean of weights[b, gold[b]] over b: weights [B, S], gold [B] i64. ShapeError, IndexError for what does not fit.
double weight_on(const Tensor& weights, const Tensor& gold);

}  // namespace heed::examples
