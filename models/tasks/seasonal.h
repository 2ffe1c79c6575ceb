// Task "seasonal": a series with a season whose height swells and shrinks, and noise that lasts. What a forecast one
// season old leaves over is partly known from the steps before, which a model has to learn.
#pragma once

#include <cstdint>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct SeasonalConfig {
  std::int64_t season = 12;  ///< steps
  double noise = 0.3;        ///< standard deviation of what nothing can foretell
};

/// x_t = (1 + a_t)·p_{t mod season} + e_t, a_t = 0.97·a_{t-1} + 0.08·u_t, e_t = 0.8·e_{t-1} + noise·v_t, with p, u and
/// v standard normal and p drawn once. ShapeError unless season is positive and count is not negative.
std::vector<double> make_seasonal_series(const SeasonalConfig& config, std::int64_t count, Generator& generator);

}  // namespace heed::models
