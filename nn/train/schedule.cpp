#include "heed/nn/train/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "heed/nn/internal/cosine.h"
#include "heed/nn/internal/power.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

void check_count(std::string_view schedule, std::string_view setting, std::int64_t value, std::int64_t least) {
  if (value < least) throw Error(fmt::format("{}: {} is {}, expected at least {}", schedule, setting, value, least));
}

void check_factor(std::string_view schedule, std::string_view setting, double value) {
  if (!std::isfinite(value) || value < 0)
    throw Error(fmt::format("{}: {} is {}, expected a finite number that is not negative", schedule, setting, value));
}

// How far a step is on its way of so many steps, in [0, 1].
double way(std::int64_t step, std::int64_t steps) {
  return static_cast<double>(std::min(step, steps)) / static_cast<double>(steps);
}

// From `from` to `to` in half a cosine, for a fraction of the way.
double half_cosine(double from, double to, double fraction) { return to + (from - to) / 2 * (1 + cos_pi(fraction)); }

}  // namespace

double StepDecay::operator()(std::int64_t step) const {
  check_count("step decay", "step", step, 0);
  check_count("step decay", "every", every, 1);
  check_factor("step decay", "factor", factor);
  return power(factor, static_cast<double>(step / every));
}

double Cosine::operator()(std::int64_t step) const {
  check_count("cosine", "step", step, 0);
  check_count("cosine", "steps", steps, 1);
  check_factor("cosine", "last", last);
  return half_cosine(1, last, way(step, steps));
}

double LinearDecay::operator()(std::int64_t step) const {
  check_count("linear decay", "step", step, 0);
  check_count("linear decay", "steps", steps, 1);
  check_factor("linear decay", "last", last);
  return step < steps ? 1 + (last - 1) * way(step, steps) : last;
}

double InverseSquareRoot::operator()(std::int64_t step) const {
  check_count("inverse square root", "step", step, 0);
  check_count("inverse square root", "warm_up", warm_up, 1);
  const double t = static_cast<double>(step) + 1, peak = static_cast<double>(warm_up);
  return t < peak ? t / peak : std::sqrt(peak / t);
}

double OneCycle::operator()(std::int64_t step) const {
  check_count("one cycle", "step", step, 0);
  check_count("one cycle", "steps", steps, 1);
  check_factor("one cycle", "first", first);
  check_factor("one cycle", "last", last);
  if (!(rise >= 0 && rise <= 1)) throw Error(fmt::format("one cycle: rise is {}, expected 0 <= rise <= 1", rise));
  const double end = static_cast<double>(steps - 1), peak = rise * static_cast<double>(steps) - 1;
  const double t = std::min(static_cast<double>(step), end);
  if (t < peak) return half_cosine(first, 1, t / peak);
  return t > peak ? half_cosine(1, last, (t - peak) / (end - peak)) : 1;
}

double Constant::operator()(std::int64_t step) const {
  check_count("constant", "step", step, 0);
  return 1;
}

double detail::warm_up_factor(std::int64_t step, std::int64_t steps) {
  check_count("warm-up", "step", step, 0);
  check_count("warm-up", "steps", steps, 0);
  return step < steps ? way(step + 1, steps) : 1;
}

}  // namespace heed::nn
