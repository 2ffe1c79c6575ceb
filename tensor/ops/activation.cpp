#include "heed/tensor/ops/activation.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/map_rows.h"
#include "heed/tensor/kernels/activation.h"

namespace heed {
namespace {

using kernels::Activation;

Tensor apply(std::string_view name, Activation f, const Tensor& x, double parameter = 0) {
  check_defined(name, "x", x);
  return dispatch_float(name, x.dtype(), [&]<class T> {
    Tensor y = empty(x.shape(), x.dtype(), name);
    map_rows<T>(x, y, f == Activation::leaky_relu ? light_grain : heavy_grain,
                [f, p = static_cast<T>(parameter), row = kernels::activation().of<T>().apply](
                    const T* from, T* to, std::size_t n) { row(f, p, from, to, n); });
    return y;
  });
}

void check_finite(std::string_view name, std::string_view parameter, double value, const Tensor& x) {
  const bool fits = !x.defined() || x.dtype() != DType::f32 || std::abs(value) <= std::numeric_limits<float>::max();
  if (!std::isfinite(value) || !fits)
    throw Error(fmt::format("{}: {} is {}, expected a finite number of x's dtype", name, parameter, value));
}

}  // namespace

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  check_finite("leaky_relu", "negative_slope", negative_slope, x);
  return apply("leaky_relu", Activation::leaky_relu, x, negative_slope);
}

Tensor elu(const Tensor& x, double alpha) {
  check_finite("elu", "alpha", alpha, x);
  return apply("elu", Activation::elu, x, alpha);
}

Tensor gelu(const Tensor& x, Approximate approximate) {
  return apply("gelu", approximate == Approximate::tanh ? Activation::gelu_tanh : Activation::gelu, x);
}

Tensor silu(const Tensor& x) { return apply("silu", Activation::silu, x); }
Tensor softplus(const Tensor& x) { return apply("softplus", Activation::softplus, x); }
Tensor erf(const Tensor& x) { return apply("erf", Activation::erf, x); }

}  // namespace heed
