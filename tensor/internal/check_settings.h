// The ranges of what optimizers are set to. Not part of the public interface.
#pragma once

#include <string_view>

#include "heed/tensor/ops/adam.h"

namespace heed {

/// Error that names `operation` and the setting unless `value` is finite and at least 0.
void check_not_negative(std::string_view operation, std::string_view setting, double value);

/// Error that names `operation` and the setting unless all are in their ranges.
void check_settings(std::string_view operation, const AdamConfig& config);

}  // namespace heed
