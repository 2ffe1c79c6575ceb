#include "heed/tensor/kernels/rnn.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/rnn.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

struct Tanh {
  template <class D>
  static HWY_INLINE Vec<D> value(D d, Vec<D> a) {
    return tanh(d, a);
  }
  template <class D>
  static HWY_INLINE Vec<D> backward(D d, Vec<D> dh, Vec<D> h) {
    return Mul(dh, Sub(Set(d, TFromD<D>{1}), Mul(h, h)));
  }
};

struct Relu {
  template <class D>
  static HWY_INLINE Vec<D> value(D d, Vec<D> a) {
    return IfThenZeroElse(Le(a, Zero(d)), a);  // keeps NaN
  }
  template <class D>
  static HWY_INLINE Vec<D> backward(D d, Vec<D> dh, Vec<D> h) {
    return IfThenZeroElse(Le(h, Zero(d)), dh);
  }
};

template <class F, class T>
void forward(const T* a, T* h, std::size_t hidden) {
  const ScalableTag<T> d;
  for_row(d, hidden,
          [&](std::size_t k, auto part) HWY_ATTR { part.store(F::value(d, part.load(d, a + k)), d, h + k); });
}

template <class F, class T>
void backward(const T* h, const T* dy, T* dh, T* da, std::size_t hidden) {
  const ScalableTag<T> d;
  for_row(d, hidden, [&](std::size_t k, auto part) HWY_ATTR {
    const auto dh_k = dy ? Add(part.load(d, dh + k), part.load(d, dy + k)) : part.load(d, dh + k);
    part.store(F::backward(d, dh_k, part.load(d, h + k)), d, da + k);
    part.store(Zero(d), d, dh + k);
  });
}

template <class F, class T>
constexpr RnnKernels<T> table{.forward = forward<F, T>, .backward = backward<F, T>};

}  // namespace

Tables<RnnKernels> rnn_tanh_tables() { return {table<Tanh, float>, table<Tanh, double>}; }
Tables<RnnKernels> rnn_relu_tables() { return {table<Relu, float>, table<Relu, double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(rnn_tanh_tables);
HWY_EXPORT(rnn_relu_tables);

Tables<RnnKernels> rnn_tanh() { return HWY_DYNAMIC_DISPATCH(rnn_tanh_tables)(); }

Tables<RnnKernels> rnn_relu() { return HWY_DYNAMIC_DISPATCH(rnn_relu_tables)(); }

}  // namespace heed::kernels
#endif
