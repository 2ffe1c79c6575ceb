// Predicted and true classes as rows of integers, checked: what every metric of classes reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

struct CountedLabels {
  std::vector<std::int64_t> predictions, targets;  // row-major
  std::vector<bool> counts;                        // whether the element does
  std::int64_t row;                                // the length of a row
};

/// ShapeError unless predictions, targets and a mask that is defined have one shape; DTypeError unless they are i64,
/// i64 and bool. An element counts where the mask is true and the target is not `ignored`. Messages begin with `who`.
CountedLabels counted_labels(std::string_view who, const Tensor& predictions, const Tensor& targets, const Tensor& mask,
                             std::optional<std::int64_t> ignored);

}  // namespace heed::nn
