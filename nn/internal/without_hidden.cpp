#include "heed/nn/internal/without_hidden.h"

#include "heed/nn/mask.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {
namespace {

// Whether the mask's size of an axis counted from the end is that of x, or 1.
bool fits(const Tensor& mask, int axis, std::int64_t size) { return mask.size(axis) == 1 || mask.size(axis) == size; }

}  // namespace

Variable without_hidden(const Variable& x, const Tensor& mask) {
  if (!mask.defined() || mask.rank() < 2 || mask.rank() > 4 || x.rank() != 3 || all_finite(x.value())) return x;
  if (!fits(mask, -1, x.size(1)) || (mask.rank() > 2 && !fits(mask, 0, x.size(0)))) return x;
  const Axes others = mask.rank() == 2 ? Axes{0} : mask.rank() == 3 ? Axes{1} : Axes{1, 2};
  const Tensor seen = sum(to(mask, DType::i64), others) > 0;  // [B, S] or [S]
  return mask_padding(x, expand(unsqueeze(seen, -2), {x.size(0), 1, x.size(1)}));
}

}  // namespace heed::nn
