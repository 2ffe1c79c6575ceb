#include "heed/autograd/ops/activation.h"

#include <numbers>

#include "heed/autograd/internal/slope.h"
#include "heed/autograd/ops/elementwise.h"

namespace heed {
namespace {

using kernels::Slope;

constexpr double half_normal_density = std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2;  // 1/√(2π)

// x where its derivative is not 0 or 1 to the last bit; elsewhere 0, for a factor that may be 0 times infinity.
template <class V>
V near_zero(const V& x) {
  return where(abs(number(x)) <= 1000, x, 0);
}

}  // namespace

Variable leaky_relu(const Variable& x, double negative_slope) {
  return unary<"leaky_relu", reads::input>(
      x, leaky_relu(x.value(), negative_slope),
      slope(
          "leaky_relu", Slope::leaky_relu,
          [negative_slope](auto& dy, auto& at) { return where(number(at) <= 0, dy * negative_slope, dy); },
          negative_slope));
}

Variable elu(const Variable& x, double alpha) {
  return unary<"elu", reads::input>(x, elu(x.value(), alpha), [alpha](auto& dy, auto& at) {
    const Tensor positive = number(at) > 0;  // there e^x may be infinite: it must not be multiplied by 0
    return where(positive, dy, dy * (exp(where(positive, 0, at)) * alpha));
  });
}

Variable gelu(const Variable& x, Approximate approximate) {
  const Tensor y = gelu(x.value(), approximate);
  if (approximate == Approximate::none)
    return unary<"gelu", reads::input>(x, y, slope("gelu", Slope::gelu, [](auto& dy, auto& at) {
                                         const auto probability = erf(at * (std::numbers::sqrt2 / 2)) * 0.5 + 0.5;
                                         const auto near = near_zero(at);
                                         return dy *
                                                (probability + near * (exp(near * near * -0.5) * half_normal_density));
                                       }));
  return unary<"gelu", reads::input>(
      x, y, slope("gelu", Slope::gelu_tanh, [](auto& dy, auto& at) {
        constexpr double factor = 4 * half_normal_density;  // x·σ(u), u = factor·(x + 0.044715·x³)
        const auto s = sigmoid(at * (at * at * (factor * 0.044715) + factor)), near = near_zero(at);
        return dy * (s + near * (s * (1.0 - s)) * (near * near * (factor * 0.044715 * 3) + factor));
      }));
}

Variable silu(const Variable& x) {
  return unary<"silu", reads::input>(x, silu(x.value()), slope("silu", Slope::silu, [](auto& dy, auto& at) {
                                       const auto s = sigmoid(at);
                                       return dy * (s * (near_zero(at) * (1.0 - s) + 1.0));
                                     }));
}

Variable softplus(const Variable& x) {
  return unary<"softplus", reads::input>(
      x, softplus(x.value()), slope("softplus", Slope::softplus, [](auto& dy, auto& at) { return dy * sigmoid(at); }));
}

Variable erf(const Variable& x) {
  return unary<"erf", reads::input>(
      x, erf(x.value()), [](auto& dy, auto& at) { return dy * (exp(-(at * at)) * (2 * std::numbers::inv_sqrtpi)); });
}

}  // namespace heed
