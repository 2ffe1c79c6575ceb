// The derivative of an element-wise function times what comes from above, in one pass. Not part of the public
// interface.
#pragma once

#include <string_view>

#include "heed/tensor/kernels/activation.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// dy∘f'(at), as kernels/activation.h says: dy and `at` of one shape and dtype, any strides.
Tensor times_slope(std::string_view name, kernels::Slope f, const Tensor& dy, const Tensor& at, double parameter = 0);

}  // namespace heed
