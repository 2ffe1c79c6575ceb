#include "heed/nn/optim/require_updatable.h"

#include <fmt/format.h>

namespace heed::nn {

void require_updatable(std::string_view optimizer, const std::vector<Variable>& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Variable& parameter = parameters[i];
    if (!parameter.is_leaf()) throw GradError(fmt::format("{}: parameter {} is not a leaf", optimizer, i));
    if (!parameter.value().is_contiguous())
      throw ShapeError(
          fmt::format("{}: parameter {} {} is a view with gaps or repeats", optimizer, i, parameter.shape().str()));
  }
}

}  // namespace heed::nn
