#include "heed/nn/train/plateau.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::nn {
namespace {

void check(const char* setting, auto value, bool holds, const char* expected) {
  if (!holds) throw Error(fmt::format("plateau: {} is {}, expected {}", setting, value, expected));
}

void check_loaded(const char* name, auto value, bool holds, const char* expected) {
  if (!holds) throw FormatError(fmt::format("load_state_dict: {} is {}, expected {}", name, value, expected));
}

}  // namespace

Plateau::Plateau(const Config& c)
    : config_(c), best_(std::numeric_limits<double>::infinity() * (c.larger_is_better ? -1 : 1)) {
  check("factor", c.factor, c.factor >= 0 && c.factor < 1, "0 <= factor < 1");
  check("patience", c.patience, c.patience >= 0, "a number of epochs");
  check("threshold", c.threshold, c.threshold >= 0 && std::isfinite(c.threshold),
        "a finite number that is not negative");
  check("cooldown", c.cooldown, c.cooldown >= 0, "a number of epochs");
  check("least", c.least, c.least >= 0 && c.least <= 1, "0 <= least <= 1");
}

bool Plateau::improves(double metric) const {
  if (std::isinf(best_)) return config_.larger_is_better ? metric > best_ : metric < best_;
  const double margin = config_.threshold * std::abs(best_);
  return config_.larger_is_better ? metric > best_ + margin : metric < best_ - margin;
}

double Plateau::observe(double metric) {
  if (improves(metric)) {
    best_ = metric;
    bad_epochs_ = 0;
  } else {
    ++bad_epochs_;
  }
  if (cooldown_left_ > 0) {
    --cooldown_left_;
    bad_epochs_ = 0;
  }
  if (bad_epochs_ > config_.patience) {
    factor_ = std::max(factor_ * config_.factor, config_.least);
    cooldown_left_ = config_.cooldown;
    bad_epochs_ = 0;
  }
  return factor_;
}

StateDict Plateau::state_dict() const {
  return {{"larger_is_better", full({}, config_.larger_is_better, DType::i64)},
          {"best", full({}, best_, DType::f64)},
          {"factor", full({}, factor_, DType::f64)},
          {"num_bad_epochs", full({}, bad_epochs_, DType::i64)},
          {"cooldown_counter", full({}, cooldown_left_, DType::i64)}};
}

void Plateau::load_state_dict(const StateDict& state) {
  Plateau loaded(config_);
  const StateDict target = loaded.state_dict();
  assign_state(target, state);
  loaded.best_ = target.at("best").item();
  loaded.factor_ = target.at("factor").item();
  loaded.bad_epochs_ = target.at("num_bad_epochs").item<std::int64_t>();
  loaded.cooldown_left_ = target.at("cooldown_counter").item<std::int64_t>();
  const auto direction = target.at("larger_is_better").item<std::int64_t>();
  check_loaded("larger_is_better", direction, direction == config_.larger_is_better, "that of this Plateau");
  check_loaded("best", loaded.best_, !std::isnan(loaded.best_), "a number");
  check_loaded("factor", loaded.factor_, loaded.factor_ >= 0 && loaded.factor_ <= 1, "0 <= factor <= 1");
  const auto is_count = [](std::int64_t n) { return n >= 0 && n <= std::int64_t{1} << 53; };
  check_loaded("num_bad_epochs", loaded.bad_epochs_, is_count(loaded.bad_epochs_), "a count of 0 to 2^53");
  check_loaded("cooldown_counter", loaded.cooldown_left_, is_count(loaded.cooldown_left_), "a count of 0 to 2^53");
  *this = loaded;
}

}  // namespace heed::nn
