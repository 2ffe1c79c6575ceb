// Activation functions: element-wise, f32 and f64, row-major results, NaN is passed on. relu, tanh and sigmoid stand in
// elementwise.h. DTypeError for another dtype.
#pragma once

#include "heed/tensor/tensor.h"

namespace heed {

/// x where x > 0, else negative_slope·x (Maas et al. 2013). Error unless the slope is finite.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);

/// x where x > 0, else alpha·(e^x - 1) (Clevert et al. 2016). Error unless alpha is finite.
Tensor elu(const Tensor& x, double alpha = 1);

/// How gelu is computed: by the error function, or by the formula with tanh that GPT-2 and BERT's first program had.
enum class Approximate : std::uint8_t { none, tanh };

/// x·Φ(x), Φ the standard normal distribution function (Hendrycks and Gimpel 2016), or
/// ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). -0 at -inf.
Tensor gelu(const Tensor& x, Approximate approximate = Approximate::none);

/// x·sigmoid(x), also called swish (Elfwing et al. 2017). -0 at -inf.
Tensor silu(const Tensor& x);

/// log(1 + e^x) (Dugas et al. 2001), which neither overflows nor loses its small results.
Tensor softplus(const Tensor& x);

/// The error function 2/√π·∫ e^(-t²) dt from 0 to x.
Tensor erf(const Tensor& x);

}  // namespace heed
