#include "heed/nn/attention/align/gumbel_softmax.h"

#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {

Tensor gumbel_noise(const Tensor& u) {
  check_defined("gumbel_noise", "u", u);
  if (!is_float(u.dtype())) throw_dtype("gumbel_noise", u.dtype(), "f32 or f64");
  const double smallest = std::ldexp(1.0, u.dtype() == DType::f32 ? -25 : -54);
  return -log(-log(maximum(u, smallest)));
}

Variable straight_through(const Variable& y, const Tensor& mask) {
  check_defined("straight_through", "y", y.value());
  if (y.rank() == 0 || y.size(-1) == 0) return y;
  const Tensor largest = unsqueeze(argmax(y.value(), -1), -1);
  const Tensor chosen = all_masks({equal(arange(y.size(-1)), largest), y.value() > 0, mask});
  return Variable(to(chosen, y.dtype())) + (y - y.detach());
}

GumbelSoftmaxAlign::GumbelSoftmaxAlign(const Config& c) : temperature(c.temperature), hard(c.hard) {
  if (!(temperature > 0 && std::isfinite(temperature)))
    throw Error(fmt::format("gumbel_softmax: temperature is {}, expected a positive number", temperature));
}

AlignOutput GumbelSoftmaxAlign::forward(const Variable& scores, const Tensor& mask, const AlignQueries& queries) const {
  check_defined("gumbel_softmax", "scores", scores.value());
  Variable noisy = scores;
  if (queries.generator != nullptr)
    noisy = scores + Variable(gumbel_noise(uniform(*queries.generator, scores.shape(), 0, 1, scores.dtype())));
  const Variable y = softmax(noisy / temperature, mask);
  return {hard ? straight_through(y, mask) : y};
}

}  // namespace heed::nn
