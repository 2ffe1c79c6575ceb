// Initial values of parameters.
#pragma once

#include "heed/tensor/random/random.h"

namespace heed::nn {

/// U(-1/√fan_in, 1/√fan_in): what PyTorch's Linear and recurrent layers start from; U(-1, 1) when fan_in is 0.
/// ShapeError when it is negative.
Tensor fan_in_uniform(Generator& generator, const Shape& shape, std::int64_t fan_in, DType dtype);

/// A random matrix [rows, columns], rows >= columns, whose columns are orthonormal (Saxe et al. 2014): Gram-Schmidt on
/// normal draws, in double precision. ShapeError when rows < columns or columns < 0.
Tensor orthogonal(Generator& generator, std::int64_t rows, std::int64_t columns, DType dtype);

}  // namespace heed::nn
