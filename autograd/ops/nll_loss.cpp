#include "heed/autograd/ops/nll_loss.h"

#include "heed/autograd/internal/class_loss.h"

namespace heed {

Variable nll_loss(const Variable& x, const Tensor& targets, const ClassLossOptions& options) {
  return ClassLoss("nll_loss", "x", x.value(), targets, options).of(x);
}

}  // namespace heed
