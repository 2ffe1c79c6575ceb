// Activation functions of tensor/ops/activation.h, recorded.
#pragma once

#include "heed/autograd/variable.h"
#include "heed/tensor/ops/activation.h"

namespace heed {

Variable leaky_relu(const Variable& x,
                    double negative_slope = 0.01);  ///< dx = dy, negative_slope·dy at x <= 0; saves x
Variable elu(const Variable& x, double alpha = 1);  ///< dx = dy, alpha·e^x∘dy at x <= 0; saves x
Variable gelu(const Variable& x, Approximate approximate = Approximate::none);  ///< dx = dy∘(Φ(x) + x∘Φ'(x)); saves x
Variable silu(const Variable& x);      ///< dx = dy∘s∘(1 + x∘(1 - s)) with s = sigmoid(x); saves x
Variable softplus(const Variable& x);  ///< dx = dy∘sigmoid(x); saves x
Variable erf(const Variable& x);       ///< dx = 2/√π·dy∘e^(-x²); saves x

}  // namespace heed
