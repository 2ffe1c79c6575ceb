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

template <class D>
HWY_INLINE Vec<D> set(D d, double scalar) {
  return Set(d, static_cast<TFromD<D>>(scalar));
}

/// The gradient with the decay of the weights; without decay itself, also where x is infinite.
template <class D>
HWY_INLINE Vec<D> decayed(D d, double decay, Vec<D> g, Vec<D> x) {
  return decay == 0 ? g : Add(g, Mul(set(d, decay), x));
}

/// keep·a + (1 - keep)·g²
template <class D>
HWY_INLINE Vec<D> average_of_squares(D d, double keep, Vec<D> a, Vec<D> g) {
  return Add(Mul(set(d, keep), a), Mul(Mul(set(d, 1 - keep), g), g));
}

/// a + share·(x - a)
template <class D>
HWY_INLINE Vec<D> towards(D d, double share, Vec<D> a, Vec<D> x) {
  return Add(a, Mul(set(d, share), Sub(x, a)));
}

template <class T>
void sgd(const SgdStep& step, const T* gradient, T* velocity, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const auto momentum = set(d, step.momentum);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i);
    auto direction = decayed(d, step.weight_decay, part.load(d, gradient + i), old_x);
    if (velocity != nullptr) {
      const auto g = direction;
      const auto v = Add(Mul(momentum, part.load(d, velocity + i)), Mul(set(d, step.gradient_share), g));
      part.store(v, d, velocity + i);
      direction = step.nesterov ? Add(g, Mul(momentum, v)) : v;
    }
    part.store(Sub(old_x, Mul(set(d, step.learning_rate), direction)), d, x + i);
  });
}

template <class T>
void adam(const AdamStep& step, const T* gradient, T* m, T* v, T* x, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = Mul(set(d, step.shrink), part.load(d, x + i));
    const auto g = decayed(d, step.weight_decay, part.load(d, gradient + i), old_x);
    const auto new_m = Add(Mul(set(d, step.beta1), part.load(d, m + i)), Mul(set(d, 1 - step.beta1), g));
    const auto new_v = average_of_squares(d, step.beta2, part.load(d, v + i), g);
    const auto divisor = Add(Div(Sqrt(new_v), set(d, step.root_correction)), set(d, step.epsilon));
    part.store(new_m, d, m + i);
    part.store(new_v, d, v + i);
    part.store(Sub(old_x, Div(Mul(set(d, step.step_size), new_m), divisor)), d, x + i);
  });
}

template <class T>
void adagrad(const AdagradStep& step, const T* gradient, T* sum, T* x, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i);
    const auto g = decayed(d, step.weight_decay, part.load(d, gradient + i), old_x);
    const auto s = Add(part.load(d, sum + i), Mul(g, g));
    const auto divisor = Add(Sqrt(s), set(d, step.epsilon));
    part.store(s, d, sum + i);
    part.store(Sub(old_x, Div(Mul(set(d, step.learning_rate), g), divisor)), d, x + i);
  });
}

template <class T>
void adadelta(const AdadeltaStep& step, const T* gradient, T* v, T* u, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const auto epsilon = set(d, step.epsilon);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i), old_u = part.load(d, u + i);
    const auto g = decayed(d, step.weight_decay, part.load(d, gradient + i), old_x);
    const auto new_v = average_of_squares(d, step.rho, part.load(d, v + i), g);
    const auto delta = Mul(Div(Sqrt(Add(old_u, epsilon)), Sqrt(Add(new_v, epsilon))), g);
    part.store(new_v, d, v + i);
    part.store(average_of_squares(d, step.rho, old_u, delta), d, u + i);
    part.store(Sub(old_x, Mul(set(d, step.learning_rate), delta)), d, x + i);
  });
}

template <class T>
void rms_prop(const RmsPropStep& step, const T* gradient, T* v, T* mean, T* velocity, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const auto learning_rate = set(d, step.learning_rate);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto old_x = part.load(d, x + i);
    const auto g = decayed(d, step.weight_decay, part.load(d, gradient + i), old_x);
    auto square = average_of_squares(d, step.alpha, part.load(d, v + i), g);
    part.store(square, d, v + i);
    if (mean != nullptr) {
      const auto m = towards(d, 1 - step.alpha, part.load(d, mean + i), g);
      part.store(m, d, mean + i);
      square = maximum(Sub(square, Mul(m, m)), Zero(d));  // rounding may leave less than 0
    }
    const auto divisor = Add(Sqrt(square), set(d, step.epsilon));
    auto move = Div(Mul(learning_rate, g), divisor);
    if (velocity != nullptr) {
      const auto b = Add(Mul(set(d, step.momentum), part.load(d, velocity + i)), Div(g, divisor));
      part.store(b, d, velocity + i);
      move = Mul(learning_rate, b);
    }
    part.store(Sub(old_x, move), d, x + i);
  });
}

template <class T>
void average(double share, const T* x, T* a, std::size_t n) {
  const ScalableTag<T> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(towards(d, share, part.load(d, a + i), part.load(d, x + i)), d, a + i);
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
