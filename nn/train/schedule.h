// Schedules of the learning rate: pure functions of the step, so that a run that is resumed cannot drift. A schedule
// gives the factor by which the base rate is multiplied in a step, counted from 0:
//
//   const nn::WarmUp schedule{.steps = 100, .then = nn::Cosine{.steps = 900}};
//   for (std::int64_t step = 0; step < 1000; ++step) {
//     adam.config().learning_rate = 1e-3 * schedule(step);
//     ...
//
// Counting in epochs instead of steps works the same. After its end a schedule stays at its last factor. All of them
// throw an Error that names the setting when it is out of its range, or the step when that is negative. Factors have
// the same bits on every processor. A schedule that looks at a metric: nn/train/plateau.h.
#pragma once

#include <cstdint>

namespace heed::nn {

/// factor^⌊step/every⌋ (PyTorch: StepLR). every 10, factor 0.1: 1 for ten steps, 0.1 for ten, 0.01 …
struct StepDecay {
  std::int64_t every;   ///< steps, at least 1
  double factor = 0.1;  ///< finite, not negative
  double operator()(std::int64_t step) const;
};

/// last + (1 - last)·(1 + cos(π·step/steps))/2 (CosineAnnealingLR; Loshchilov and Hutter 2017). steps 10: 1 at first,
/// 0.5 in step 5, 0 from step 10 on.
struct Cosine {
  std::int64_t steps;  ///< at least 1
  double last = 0;     ///< finite, not negative
  double operator()(std::int64_t step) const;
};

/// 1 + (last - 1)·step/steps (LinearLR from 1). steps 4: 1, 0.75, 0.5, 0.25, and 0 from step 4 on.
struct LinearDecay {
  std::int64_t steps;  ///< at least 1
  double last = 0;     ///< finite, not negative
  double operator()(std::int64_t step) const;
};

/// min(t/warm_up, √(warm_up/t)) with t = step + 1: rises to 1 at t = warm_up and falls as 1/√t (Vaswani et al. 2017,
/// whose rate d^-½·min(t^-½, t·warm_up^-1½) has the base rate (d·warm_up)^-½). warm_up 4: .25, .5, .75, 1, .894 …, 0.5
/// at t = 16.
struct InverseSquareRoot {
  std::int64_t warm_up;  ///< steps, at least 1
  double operator()(std::int64_t step) const;
};

/// From `first` up to 1 within rise·steps steps and down to `last` in step steps - 1, both in half a cosine
/// (OneCycleLR, whose max_lr is the base rate; Smith and Topin 2018). steps 10, rise 0.3: .04 in step 0, 1 in step 2,
/// 4e-6 in step 9.
struct OneCycle {
  std::int64_t steps;      ///< at least 1
  double rise = 0.3;       ///< in [0, 1]; PyTorch's pct_start
  double first = 1. / 25;  ///< finite, not negative; PyTorch's 1/div_factor
  double last = 4e-6;      ///< finite, not negative; PyTorch's 1/(div_factor·final_div_factor)
  double operator()(std::int64_t step) const;
};

/// Always 1: what follows a warm-up when nothing else does.
struct Constant {
  double operator()(std::int64_t step) const;
};

/// (step+1)/steps, a fraction of then(0), for the first `steps` steps, and then(step - steps) afterwards. steps 4: .25,
/// .5, .75, 1, then `then` from its beginning. No step is at rate 0, and the base rate is reached.
template <class Schedule = Constant>
struct WarmUp {
  std::int64_t steps;  ///< not negative
  Schedule then = {};
  double operator()(std::int64_t step) const;
};

namespace detail {
/// The factor of a warm-up, 1 when it is over.
double warm_up_factor(std::int64_t step, std::int64_t steps);
}  // namespace detail

template <class Schedule>
double WarmUp<Schedule>::operator()(std::int64_t step) const {
  const double factor = detail::warm_up_factor(step, steps);
  return factor * then(step < steps ? 0 : step - steps);
}

}  // namespace heed::nn
