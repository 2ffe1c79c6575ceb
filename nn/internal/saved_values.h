// State dicts of single values: positions, counts, best values so far, as data sets and stopping rules save them.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "heed/nn/state_dict.h"

namespace heed::nn {

/// A value to be saved: a 0-d tensor, i64 or f64.
Tensor saved_integer(std::int64_t value);
Tensor saved_number(double value);

/// Reads the values of a state dict, which comes from a file. Messages begin with `who`.
class SavedValues {
 public:
  /// FormatError that lists missing and unexpected names unless the state has exactly these.
  SavedValues(std::string_view who, const StateDict& state, const std::vector<std::string_view>& names);

  /// FormatError unless the value is a 0-d i64 tensor and within [lowest, highest].
  std::int64_t integer(std::string_view name, std::int64_t lowest,
                       std::int64_t highest = std::numeric_limits<std::int64_t>::max()) const;
  /// FormatError unless the value is a 0-d i64 tensor and exactly `expected`: what the run was begun with.
  void check_equal(std::string_view name, std::int64_t expected) const;
  /// FormatError unless the value is a 0-d f64 tensor.
  double number(std::string_view name) const;

 private:
  const Tensor& scalar(std::string_view name, DType dtype) const;

  std::string_view who_;
  const StateDict& state_;
};

}  // namespace heed::nn
