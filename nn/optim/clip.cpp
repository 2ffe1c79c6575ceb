#include "heed/nn/optim/clip.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <span>

#include "heed/nn/internal/check_distinct_leaves.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {

namespace {

// x·limit/total. Where that factor is too small for x's dtype to hold all its digits, x is brought near 1 first, by a
// power of two.
Tensor scaled_down(const Tensor& x, double limit, double total) {
  const double factor = limit / total;
  const double smallest = x.dtype() == DType::f32 ? static_cast<double>(std::numeric_limits<float>::min())
                                                  : std::numeric_limits<double>::min();
  if (factor == 0 ? limit == 0 : factor >= smallest) return x * factor;
  int exponent;
  const double fraction = std::frexp(total, &exponent);  // total = fraction·2^exponent
  return x * std::ldexp(1.0, -exponent / 2) * std::ldexp(1.0, -exponent - -exponent / 2) * (limit / fraction);
}

// Where there are gradients. All of them are made before any is set: memory may run out.
void set_gradients(const std::vector<Variable>& parameters, const std::vector<Tensor>& gradients) {
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (gradients[i].defined()) parameters[i].set_grad(gradients[i]);
}

}  // namespace

double clip_grad_norm(const std::vector<Variable>& parameters, double limit) {
  if (!(limit >= 0)) throw Error(fmt::format("clip_grad_norm: limit {} is not a norm", limit));
  check_distinct_leaves("clip_grad_norm", parameters);
  std::vector<double> norms;
  for (const Variable& parameter : parameters)
    if (parameter.grad().defined()) norms.push_back(norm(parameter.grad()));
  const double total = norm(tensor(std::span<const double>(norms), {std::ssize(norms)}));
  if (!(total > limit) || !std::isfinite(total)) return total;
  std::vector<Tensor> clipped;
  for (const Variable& parameter : parameters)
    clipped.push_back(parameter.grad().defined() ? scaled_down(parameter.grad(), limit, total) : Tensor());
  set_gradients(parameters, clipped);
  return total;
}

void clip_grad_value(const std::vector<Variable>& parameters, double limit) {
  if (!(limit >= 0)) throw Error(fmt::format("clip_grad_value: limit {} is not 0 or more", limit));
  check_distinct_leaves("clip_grad_value", parameters);
  std::vector<Tensor> clipped;
  for (const Variable& parameter : parameters) {
    const Tensor& g = parameter.grad();
    clipped.push_back(g.defined() ? minimum(maximum(g, scalar_like(g, -limit)), scalar_like(g, limit)) : Tensor());
  }
  set_gradients(parameters, clipped);
}

}  // namespace heed::nn
