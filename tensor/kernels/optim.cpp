#include "heed/tensor/kernels/optim.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/optim.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// The scalars of a step are made vectors before its loop: a store into x might change them, for all the compiler knows.

template <class D>
HWY_INLINE Vec<D> set(D d, double scalar) {
  return Set(d, static_cast<TFromD<D>>(scalar));
}

/// The gradient with the decay of the weights; without decay itself, also where x is infinite.
template <class D>
struct Decayed {
  HWY_INLINE Decayed(D d, double decay) : factor(set(d, decay)), none(decay == 0) {}
  HWY_INLINE Vec<D> operator()(Vec<D> g, Vec<D> x) const { return none ? g : Add(g, Mul(factor, x)); }
  Vec<D> factor;
  bool none;
};

/// keep·a + (1 - keep)·g²
template <class D>
struct AverageOfSquares {
  HWY_INLINE AverageOfSquares(D d, double share) : keep(set(d, share)), rest(set(d, 1 - share)) {}
  HWY_INLINE Vec<D> operator()(Vec<D> a, Vec<D> g) const { return Add(Mul(keep, a), Mul(Mul(rest, g), g)); }
  Vec<D> keep, rest;
};

/// a + share·(x - a)
template <class V>
HWY_INLINE V towards(V share, V a, V x) {
  return Add(a, Mul(share, Sub(x, a)));
}

template <class T>
void sgd(const SgdStep& step, const T* gradient, T* velocity, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const Decayed decayed(d, step.weight_decay);
  const auto learning_rate = set(d, step.learning_rate), momentum = set(d, step.momentum),
             share = set(d, step.gradient_share);
  const bool has_velocity = velocity != nullptr, nesterov = step.nesterov;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i), g = decayed(part.load(d, gradient + i), old_x);
    auto direction = g;
    if (has_velocity) {
      const auto v = Add(Mul(momentum, part.load(d, velocity + i)), Mul(share, g));
      part.store(v, d, velocity + i);
      direction = nesterov ? Add(g, Mul(momentum, v)) : v;
    }
    part.store(Sub(old_x, Mul(learning_rate, direction)), d, x + i);
  });
}

template <class T>
void adam(const AdamStep& step, const T* gradient, T* m, T* v, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const Decayed decayed(d, step.weight_decay);
  const AverageOfSquares average_of_squares(d, step.beta2);
  const auto beta1 = set(d, step.beta1), rest1 = set(d, 1 - step.beta1), shrink = set(d, step.shrink),
             step_size = set(d, step.step_size), root_correction = set(d, step.root_correction),
             epsilon = set(d, step.epsilon);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = Mul(shrink, part.load(d, x + i)), g = decayed(part.load(d, gradient + i), old_x);
    const auto new_m = Add(Mul(beta1, part.load(d, m + i)), Mul(rest1, g));
    const auto new_v = average_of_squares(part.load(d, v + i), g);
    const auto divisor = Add(Div(Sqrt(new_v), root_correction), epsilon);
    part.store(new_m, d, m + i);
    part.store(new_v, d, v + i);
    part.store(Sub(old_x, Div(Mul(step_size, new_m), divisor)), d, x + i);
  });
}

template <class T>
void adagrad(const AdagradStep& step, const T* gradient, T* sum, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const Decayed decayed(d, step.weight_decay);
  const auto learning_rate = set(d, step.learning_rate), epsilon = set(d, step.epsilon);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i), g = decayed(part.load(d, gradient + i), old_x);
    const auto s = Add(part.load(d, sum + i), Mul(g, g));
    part.store(s, d, sum + i);
    part.store(Sub(old_x, Div(Mul(learning_rate, g), Add(Sqrt(s), epsilon))), d, x + i);
  });
}

template <class T>
void adadelta(const AdadeltaStep& step, const T* gradient, T* v, T* u, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const Decayed decayed(d, step.weight_decay);
  const AverageOfSquares average_of_squares(d, step.rho);
  const auto learning_rate = set(d, step.learning_rate), epsilon = set(d, step.epsilon);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i), g = decayed(part.load(d, gradient + i), old_x);
    const auto old_u = part.load(d, u + i), new_v = average_of_squares(part.load(d, v + i), g);
    const auto delta = Mul(Div(Sqrt(Add(old_u, epsilon)), Sqrt(Add(new_v, epsilon))), g);
    part.store(new_v, d, v + i);
    part.store(average_of_squares(old_u, delta), d, u + i);
    part.store(Sub(old_x, Mul(learning_rate, delta)), d, x + i);
  });
}

template <class T>
void rms_prop(const RmsPropStep& step, const T* gradient, T* v, T* mean, T* velocity, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const Decayed decayed(d, step.weight_decay);
  const AverageOfSquares average_of_squares(d, step.alpha);
  const auto learning_rate = set(d, step.learning_rate), share = set(d, 1 - step.alpha), epsilon = set(d, step.epsilon),
             momentum = set(d, step.momentum);
  const bool centered = mean != nullptr, has_velocity = velocity != nullptr;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i), g = decayed(part.load(d, gradient + i), old_x);
    auto square = average_of_squares(part.load(d, v + i), g);
    part.store(square, d, v + i);
    if (centered) {
      const auto m = towards(share, part.load(d, mean + i), g);
      part.store(m, d, mean + i);
      square = maximum(Sub(square, Mul(m, m)), Zero(d));  // rounding may leave less than 0
    }
    const auto divisor = Add(Sqrt(square), epsilon);
    if (has_velocity) {
      const auto b = Add(Mul(momentum, part.load(d, velocity + i)), Div(g, divisor));
      part.store(b, d, velocity + i);
      part.store(Sub(old_x, Mul(learning_rate, b)), d, x + i);
    } else {
      part.store(Sub(old_x, Div(Mul(learning_rate, g), divisor)), d, x + i);
    }
  });
}

template <class T>
void average(double share, const T* x, T* a, std::size_t n) {
  const ScalableTag<T> d;
  const auto part_of_way = set(d, share);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(towards(part_of_way, part.load(d, a + i), part.load(d, x + i)), d, a + i);
  });
}

template <class T>
constexpr OptimKernels<T> table{.sgd = sgd<T>,
                                .adam = adam<T>,
                                .adagrad = adagrad<T>,
                                .adadelta = adadelta<T>,
                                .rms_prop = rms_prop<T>,
                                .average = average<T>};

}  // namespace

Tables<OptimKernels> optim_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(optim_tables);

Tables<OptimKernels> optim() { return HWY_DYNAMIC_DISPATCH(optim_tables)(); }

}  // namespace heed::kernels
#endif
