// What layer normalisation and that by the root mean square check of their settings.
#pragma once

#include "heed/tensor/shape.h"

namespace heed::nn {

/// ShapeError, which names `layer`, unless the shape has an axis and all sizes are positive; Error unless epsilon is
/// finite and not negative.
void check_norm(const char* layer, const Shape& normalized_shape, double epsilon);

}  // namespace heed::nn
