#include "heed/tensor/internal/check_settings.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/tensor/error.h"

namespace heed {
namespace {

void require(bool holds, std::string_view operation, std::string_view setting, double value, std::string_view range) {
  if (!holds || !std::isfinite(value))
    throw Error(fmt::format("{}: {} is {}, expected {}", operation, setting, value, range));
}

}  // namespace

void check_not_negative(std::string_view operation, std::string_view setting, double value) {
  require(value >= 0, operation, setting, value, "a finite number that is not negative");
}

void check_settings(std::string_view operation, const AdamConfig& config) {
  check_not_negative(operation, "learning_rate", config.learning_rate);
  constexpr std::string_view share = "0 <= beta < 1";
  require(config.beta1 >= 0 && config.beta1 < 1, operation, "beta1", config.beta1, share);
  require(config.beta2 >= 0 && config.beta2 < 1, operation, "beta2", config.beta2, share);
  require(config.epsilon > 0, operation, "epsilon", config.epsilon, "a finite number above 0");
}

}  // namespace heed
