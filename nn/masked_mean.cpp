#include "heed/nn/masked_mean.h"

#include <algorithm>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {

Variable masked_mean(const Variable& x, const Tensor& mask) {
  check_shapes("masked_mean", {{"x", x.value(), "B S D"}, {"mask", mask, "B 1 S", true}});
  const Variable total = sum(mask_padding(x, mask), 1, true);
  if (!mask.defined()) return total / static_cast<double>(std::max<std::int64_t>(x.size(1), 1));
  return total / Variable(maximum(sum(to(mask, x.dtype()), 2, true), 1));  // [B, 1, D] / [B, 1, 1]
}

}  // namespace heed::nn
