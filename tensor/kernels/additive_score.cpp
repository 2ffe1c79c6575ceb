#include "heed/tensor/kernels/additive_score.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/additive_score.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

template <class T>
T forward(const T* q, const T* k, const T* v, std::size_t n) {
  const ScalableTag<T> d;
  return sum_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    return Mul(part.load(d, v + i), tanh(d, Add(part.load(d, q + i), part.load(d, k + i))));
  });
}

template <class T>
void backward(T de, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv, std::size_t n) {
  const ScalableTag<T> d;
  const auto scale = Set(d, de), one = Set(d, T{1});
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    const auto t = tanh(d, Add(part.load(d, q + i), part.load(d, k + i)));
    const auto dsum = Mul(Mul(scale, part.load(d, v + i)), Sub(one, Mul(t, t)));
    if (dq) part.store(Add(part.load(d, dq + i), dsum), d, dq + i);
    if (dk) part.store(Add(part.load(d, dk + i), dsum), d, dk + i);
    if (dv) part.store(Add(part.load(d, dv + i), Mul(scale, t)), d, dv + i);
  });
}

template <class T>
constexpr AdditiveScoreKernels<T> table{.forward = forward<T>, .backward = backward<T>};

}  // namespace

Tables<AdditiveScoreKernels> additive_score_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(additive_score_tables);

Tables<AdditiveScoreKernels> additive_score() { return HWY_DYNAMIC_DISPATCH(additive_score_tables)(); }

}  // namespace heed::kernels
#endif
