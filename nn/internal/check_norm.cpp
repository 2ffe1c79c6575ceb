#include "heed/nn/internal/check_norm.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/error.h"

namespace heed::nn {

void check_norm(const char* layer, const Shape& normalized_shape, double epsilon) {
  if (normalized_shape.rank() == 0) throw ShapeError(fmt::format("{}: normalized_shape has no axis", layer));
  for (const std::int64_t size : normalized_shape) check_sizes(layer, {{"normalized_shape", size}});
  if (!(epsilon >= 0) || !std::isfinite(epsilon))
    throw Error(fmt::format("{}: epsilon is {}, expected a finite number that is not negative", layer, epsilon));
}

}  // namespace heed::nn
