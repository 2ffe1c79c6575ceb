#include "heed/nn/attention/multi_representational.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {
namespace {

ModuleList<Linear> projections_of(const MultiRepresentational::Config& c, const ParameterSource& source) {
  if (c.inputs.empty()) throw ShapeError("multi-representational attention: no input");
  for (const std::int64_t input : c.inputs)  // all of them before anything is drawn
    check_sizes("multi-representational attention", {{"input", input}, {"output", c.output}});
  ModuleList<Linear> result;
  for (const std::int64_t input : c.inputs)
    result.emplace_back(Linear::Config{.in = input, .out = c.output, .dtype = c.dtype}, source);
  return result;
}

}  // namespace

MultiRepresentational::MultiRepresentational(const Config& c, const ParameterSource& source)
    : projections(projections_of(c, source)), score({.in = c.output, .out = 1, .dtype = c.dtype}, source) {}

MultiRepresentationalOutput MultiRepresentational::forward(const std::vector<Variable>& x, const Tensor& mask) const {
  if (x.size() != projections.size())
    throw ShapeError(
        fmt::format("multi-representational attention: {} representations for {}", x.size(), projections.size()));
  std::vector<Variable> projected;
  for (std::size_t i = 0; i < x.size(); ++i) {
    check_shapes("multi-representational attention",
                 {{"x", x[0].value(), "B S D"}, {"another", x[i].value(), "B S E"}, {"mask", mask, "B 1 S", true}});
    projected.push_back(projections[i].forward(mask_padding(x[i], mask)));
  }
  const Variable all = stack(projected, 2);                          // [B, S, n, D]
  const Variable weights = softmax(squeeze(score.forward(all), 3));  // [B, S, n]
  return {mask_padding(squeeze(matmul(unsqueeze(weights, 2), all), 2), mask), mask_padding(weights, mask)};
}

}  // namespace heed::nn
