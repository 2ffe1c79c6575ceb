#include "heed/nn/attention/align/sum_normalised.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"

namespace heed::nn {

Variable SumNormalisedAlign::forward(const Variable& scores, const Tensor& mask) {
  check_defined("sum_normalised", "scores", scores.value());
  const Variable f = mask.defined() ? where(mask, scores, 0) : scores;
  const double lowest = -max(-f.value()).item();  // of no scores: infinite
  if (lowest < 0)
    throw Error(fmt::format("sum_normalised: a score is {}; scores that are divided by their sum must not be negative",
                            lowest));
  const Variable total = sum(f, -1, true);
  return f / where(equal(total.value(), 0), 1, total);
}

}  // namespace heed::nn
