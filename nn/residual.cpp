#include "heed/nn/residual.h"

#include <fmt/format.h>

namespace heed::nn::detail {

void check_residual(const Variable& x, const Variable& y) {
  if (!(x.shape() == y.shape()))
    throw ShapeError(
        fmt::format("residual: x {}, the module makes {} of it: expected one shape", x.shape().str(), y.shape().str()));
}

}  // namespace heed::nn::detail
