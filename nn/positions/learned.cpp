#include "heed/nn/positions/learned.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "learned positions";

const LearnedPositions::Config& checked(const LearnedPositions::Config& c) {
  check_sizes(op, {{"positions", c.positions}, {"features", c.features}});
  return c;
}

Tensor small(const ParameterSpec& p, Generator& generator) { return normal(generator, p.shape, 0, 0.02, p.dtype); }

// An index below 0 would count from the end.
void check_positions(const Tensor& positions, std::int64_t count) {
  const Tensor row = positions.contiguous();
  const std::int64_t* position = row.data<std::int64_t>();
  for (std::int64_t t = 0; t < row.numel(); ++t)
    if (position[t] < 0 || position[t] >= count)
      throw IndexError(fmt::format("{}: position {} is outside the {} that there are", op, position[t], count));
}

}  // namespace

LearnedPositions::LearnedPositions(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).positions, c.features}, ParameterKind::weight, c.dtype}, small)) {}

Variable LearnedPositions::forward(const Variable& x, const Positions& given) const {
  const Sizes size = check_shapes(op, {{"x", x.value(), "B T D"}, {"weight", weight.value(), "P D"}});
  const Tensor positions = given.of(op, size['B'], size['T']);
  check_positions(positions, size['P']);
  return x + index_select(weight, 0, positions);
}

}  // namespace heed::nn
