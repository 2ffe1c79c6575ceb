#include "heed/nn/dropout.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {

void check_probability(std::string_view operation, double p) {
  if (!(p >= 0 && p <= 1)) throw Error(fmt::format("{}: p is {}, expected 0 <= p <= 1", operation, p));
}

Variable dropout(const Variable& x, double p, Generator& generator) {
  check_probability("dropout", p);
  check_defined("dropout", "x", x.value());
  if (!is_float(x.dtype())) throw_dtype("dropout", x.dtype(), "f32 or f64");
  if (p == 0) return x;
  const Tensor kept = less_equal(scalar_like(x.value(), p), uniform(generator, x.shape(), 0, 1, x.dtype()));
  const Tensor scale = scalar_like(x.value(), p < 1 ? 1 / (1 - p) : 0.0), zero = scalar_like(x.value(), 0);
  return where(kept, x * Variable(scale), zero);
}

Dropout::Dropout(const Config& config) : p(config.p) { check_probability("dropout", p); }

Variable Dropout::forward(const Variable& x) const {
  if (training && p != 0)
    throw Error(
        fmt::format("dropout: p is {} and no generator is given in training; nn::set_training(module, false) "
                    "switches it off",
                    p));
  return x;
}

}  // namespace heed::nn
