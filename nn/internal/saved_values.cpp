#include "heed/nn/internal/saved_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::nn {

Tensor saved_integer(std::int64_t value) { return full({}, value, DType::i64); }

Tensor saved_number(double value) { return full({}, value, DType::f64); }

SavedValues::SavedValues(std::string_view who, const StateDict& state, const std::vector<std::string_view>& names)
    : who_(who), state_(state) {
  std::vector<std::string> missing, unexpected;
  for (const std::string_view name : names)
    if (!state.contains(std::string(name))) missing.emplace_back(name);
  for (const auto& [name, value] : state)
    if (std::ranges::find(names, name) == names.end()) unexpected.push_back(name);
  if (!missing.empty() || !unexpected.empty())
    throw FormatError(fmt::format("{}: load_state_dict: missing [{}], unexpected [{}]", who, fmt::join(missing, ", "),
                                  fmt::join(unexpected, ", ")));
}

const Tensor& SavedValues::scalar(std::string_view name, DType dtype) const {
  const Tensor& value = state_.at(std::string(name));
  if (!value.defined() || value.dtype() != dtype || value.shape().rank() != 0)
    throw FormatError(fmt::format("{}: load_state_dict: {} is not one {} number", who_, name, heed::name(dtype)));
  return value;
}

std::int64_t SavedValues::integer(std::string_view name, std::int64_t lowest, std::int64_t highest) const {
  const auto value = scalar(name, DType::i64).item<std::int64_t>();
  if (value < lowest || value > highest)
    throw FormatError(
        fmt::format("{}: load_state_dict: {} is {}, outside [{}, {}]", who_, name, value, lowest, highest));
  return value;
}

void SavedValues::check_equal(std::string_view name, std::int64_t expected) const {
  const auto value = scalar(name, DType::i64).item<std::int64_t>();
  if (value != expected)
    throw FormatError(
        fmt::format("{}: load_state_dict: {} was {}, is {} now: the data or the settings are not those "
                    "that the state was saved with",
                    who_, name, value, expected));
}

double SavedValues::number(std::string_view name) const { return scalar(name, DType::f64).item(); }

}  // namespace heed::nn
