#include "heed/nn/positions/sinusoidal.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/position_angles.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "sinusoidal positions";

}  // namespace

Tensor SinusoidalPositions::table(const Tensor& positions, std::int64_t features, DType dtype) {
  check_defined(op, "positions", positions);
  check_sizes(op, {{"features", features}});
  const std::int64_t pairs = features / 2 + features % 2;
  const PositionAngles angles = position_angles(op, positions, pairs, features, 10000, dtype);
  Shape shape = positions.shape();
  shape.push_back(2 * pairs);
  return slice(reshape(stack({angles.sine, angles.cosine}, -1), shape), -1, 0, features);
}

Variable SinusoidalPositions::forward(const Variable& x, const Positions& positions) {
  const Sizes size = check_shapes(op, {{"x", x.value(), "B T D"}});
  return x + Variable(table(positions.of(op, size['B'], size['T']), size['D'], x.dtype()));
}

}  // namespace heed::nn
