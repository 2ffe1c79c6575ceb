#include "heed/tensor/kernels/reduce.h"

#include <type_traits>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/reduce.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

template <class T>
HWY_INLINE Vec<ScalableTag<double>> load_as_double(const auto& part, const T* p) {
  const ScalableTag<double> d;
  if constexpr (std::is_same_v<T, double>)
    return part.load(d, p);
  else
    return PromoteTo(d, part.load(Rebind<T, decltype(d)>(), p));
}

template <class T>
T sum(const T* x, std::size_t n) {
  const ScalableTag<T> d;
  return sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); });
}

template <class T>
double sum_of_squares(const T* x, std::size_t n) {
  return sum_light_row(ScalableTag<double>(), n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto v = load_as_double(part, x + i);
    return Mul(v, v);
  });
}

template <class T>
void accumulate(const T* x, double* total, std::size_t n) {
  const ScalableTag<double> d;
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    part.store(Add(part.load(d, total + i), load_as_double(part, x + i)), d, total + i);
  });
}

template <class T>
T max(const T* x, std::size_t n) {
  const ScalableTag<T> d;
  return max_of(d, x, n);
}

template <class T>
constexpr ReduceKernels<T> table{
    .sum = sum<T>, .sum_of_squares = sum_of_squares<T>, .accumulate = accumulate<T>, .max = max<T>};

}  // namespace

Tables<ReduceKernels> reduce_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(reduce_tables);

Tables<ReduceKernels> reduce() { return HWY_DYNAMIC_DISPATCH(reduce_tables)(); }

}  // namespace heed::kernels
#endif
