#include "heed/models/tasks/seasonal.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::models {

std::vector<double> make_seasonal_series(const SeasonalConfig& config, std::int64_t count, Generator& generator) {
  if (config.season < 1 || count < 0)
    throw ShapeError(fmt::format("seasonal: {} steps with a season of {}", count, config.season));
  std::vector<double> pattern, series;
  for (std::int64_t i = 0; i < config.season; ++i) pattern.push_back(generator.normal());
  double height = 0, lasting = 0;
  for (std::int64_t t = 0; t < count; ++t) {
    height = 0.97 * height + 0.08 * generator.normal();
    lasting = 0.8 * lasting + config.noise * generator.normal();
    series.push_back((1 + height) * pattern[static_cast<std::size_t>(t % config.season)] + lasting);
  }
  return series;
}

}  // namespace heed::models
