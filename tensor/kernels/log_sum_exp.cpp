#include "heed/tensor/kernels/log_sum_exp.h"

#include <cmath>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/log_sum_exp.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/sum_of_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

template <class T>
LogSumExp<T> log_sum_exp(const T* x, std::size_t n) {
  const T max = max_of(ScalableTag<T>(), x, n);
  return {max, std::isfinite(max) ? log_of(sum_of_exp(x, max, n)) : T{0}};
}

template <class T>
void scaled_exp(T factor, LogSumExp<T> shift, const T* x, T* dx, std::size_t n) {
  const ScalableTag<T> d;
  const auto scale = Set(d, factor), max = Set(d, shift.max), rest = Set(d, shift.rest);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Mul(scale, exp(d, Sub(Sub(part.load(d, x + i), max), rest))), d, dx + i);
  });
}

template <class T>
T sum_below(T max, const T* x, std::size_t n) {
  const ScalableTag<T> d;
  return sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return Sub(Set(d, max), part.load(d, x + i)); });
}

template <class T>
constexpr LogSumExpKernels<T> table{
    .log_sum_exp = log_sum_exp<T>, .scaled_exp = scaled_exp<T>, .sum_below = sum_below<T>};

}  // namespace

Tables<LogSumExpKernels> log_sum_exp_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(log_sum_exp_tables);

Tables<LogSumExpKernels> log_sum_exp() { return HWY_DYNAMIC_DISPATCH(log_sum_exp_tables)(); }

}  // namespace heed::kernels
#endif
