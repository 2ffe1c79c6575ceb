#include "heed/tensor/kernels/adam.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/adam.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// No fused multiply-adds: every step rounds as its formula is written, so all instruction sets give the same bits.
template <class T>
void update(const AdamStep& step, const T* gradient, T* m, T* v, T* x, std::size_t n) {
  const ScalableTag<T> d;
  const auto set = [&](double scalar) HWY_ATTR { return Set(d, static_cast<T>(scalar)); };
  const auto beta1 = set(step.beta1), rest1 = set(1 - step.beta1);
  const auto beta2 = set(step.beta2), rest2 = set(1 - step.beta2);
  const auto step_size = set(step.step_size), root_correction = set(step.root_correction), epsilon = set(step.epsilon);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto g = part.load(d, gradient + i);
    const auto new_m = Add(Mul(beta1, part.load(d, m + i)), Mul(rest1, g));
    const auto new_v = Add(Mul(beta2, part.load(d, v + i)), Mul(Mul(rest2, g), g));
    const auto divisor = Add(Div(Sqrt(new_v), root_correction), epsilon);
    part.store(new_m, d, m + i);
    part.store(new_v, d, v + i);
    part.store(Sub(part.load(d, x + i), Div(Mul(step_size, new_m), divisor)), d, x + i);
  });
}

template <class T>
constexpr AdamKernels<T> table{.update = update<T>};

}  // namespace

Tables<AdamKernels> adam_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(adam_tables);

Tables<AdamKernels> adam() { return HWY_DYNAMIC_DISPATCH(adam_tables)(); }

}  // namespace heed::kernels
#endif
