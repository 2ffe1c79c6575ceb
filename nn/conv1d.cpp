#include "heed/nn/conv1d.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Conv1d::Config& checked(const Conv1d::Config& c) {
  check_sizes("conv1d", {{"in", c.in},
                         {"out", c.out},
                         {"kernel", c.kernel},
                         {"stride", c.stride},
                         {"dilation", c.dilation},
                         {"groups", c.groups}});
  if (c.in % c.groups != 0 || c.out % c.groups != 0)
    throw ShapeError(fmt::format("conv1d: in {} and out {} are no multiples of {} groups both", c.in, c.out, c.groups));
  if (const auto* zeros = std::get_if<Conv1dPadding>(&c.padding); zeros && (zeros->left < 0 || zeros->right < 0))
    throw ShapeError(fmt::format("conv1d: padding is {} and {}, expected 0 or more", zeros->left, zeros->right));
  const auto* rule = std::get_if<Conv1dPaddingRule>(&c.padding);
  if (rule && *rule == Conv1dPaddingRule::same && c.stride != 1)
    throw Error(fmt::format("conv1d: padding that keeps the length needs stride 1, not {}", c.stride));
  return c;
}

Conv1dPadding padding_of(const Conv1d::Config& c) {
  if (const auto* zeros = std::get_if<Conv1dPadding>(&c.padding)) return *zeros;
  const std::int64_t all = (c.kernel - 1) * c.dilation;
  if (std::get<Conv1dPaddingRule>(c.padding) == Conv1dPaddingRule::causal) return {all, 0};
  return {all / 2, all - all / 2};  // as PyTorch's
}

}  // namespace

Conv1d::Conv1d(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).out, c.in / c.groups, c.kernel}, ParameterKind::weight, c.dtype},
                         c.in / c.groups * c.kernel)),
      bias(c.bias ? source.make({{c.out}, ParameterKind::bias, c.dtype}, c.in / c.groups * c.kernel) : Parameter()),
      options{.stride = c.stride, .padding = padding_of(c), .dilation = c.dilation, .groups = c.groups} {}

}  // namespace heed::nn
