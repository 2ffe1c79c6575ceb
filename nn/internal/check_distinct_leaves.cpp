#include "heed/nn/internal/check_distinct_leaves.h"

#include <fmt/format.h>

#include <algorithm>

namespace heed::nn {

void check_distinct_leaves(std::string_view operation, const std::vector<Variable>& parameters) {
  std::vector<std::pair<const Node*, std::size_t>> leaves;
  leaves.reserve(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].is_leaf()) throw GradError(fmt::format("{}: parameter {} is not a leaf", operation, i));
    leaves.emplace_back(parameters[i].node().get(), i);
  }
  std::ranges::sort(leaves);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (const auto twice = std::ranges::adjacent_find(leaves, same); twice != leaves.end())
    throw GradError(fmt::format("{}: parameters {} and {} are the same leaf, shape {}", operation, twice->second,
                                std::next(twice)->second, parameters[twice->second].shape().str()));
}

}  // namespace heed::nn
