#include "heed/nn/optim/clip.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/nn/optim/require_updatable.h"
#include "heed/tensor/elementwise.h"
#include "heed/tensor/reduce.h"

namespace heed::nn {

double clip_grad_norm(const std::vector<Variable>& parameters, double limit) {
  if (!(limit >= 0)) throw Error(fmt::format("clip_grad_norm: limit {} is not a norm", limit));
  require_distinct_leaves("clip_grad_norm", parameters);
  double squares = 0;
  for (const Variable& parameter : parameters)
    if (parameter.grad().defined()) squares += std::pow(norm(parameter.grad()), 2);
  const double total = std::sqrt(squares);
  if (!(total > limit) || !std::isfinite(total)) return total;
  for (const Variable& parameter : parameters)
    if (parameter.grad().defined()) parameter.set_grad(parameter.grad() * (limit / total));
  return total;
}

}  // namespace heed::nn
