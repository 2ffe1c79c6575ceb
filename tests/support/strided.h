// Tensors with random strides, put together by hand: nothing of the library that moves axes has a part in them.
#pragma once

#include "heed/tensor/tensor.h"
#include "support/layouts.h"

namespace heed::test {

/// `rank` sizes from 1 to `longest`; one in eight shapes has an axis of size 0.
Shape random_shape(Numbers& random, int rank, std::int64_t longest);

/// Random numbers of `shape` in a larger storage: any order of axes, gaps between neighbours, negative strides, stride
/// 0, an offset. Floats are multiples of 2^-22 in [-2, 2), integers lie in [-99, 99]. What stands in the gaps is NaN, a
/// huge integer or true.
Tensor random_view(Numbers& random, const Shape& shape, DType dtype);

/// The same with floats that are whole numbers in [-9, 9], whose sums and products are exact in any order.
Tensor random_whole_view(Numbers& random, const Shape& shape, DType dtype);

/// The first again, but no two elements share a place: it may be written to.
Tensor random_target(Numbers& random, const Shape& shape, DType dtype);

/// Every dtype.
inline constexpr std::array<DType, 4> all_dtypes = {DType::f32, DType::f64, DType::i64, DType::boolean};

}  // namespace heed::test
