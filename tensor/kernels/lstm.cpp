#include "heed/tensor/kernels/lstm.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/lstm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

template <class T>
void forward(T* gates, const T* c, T* next_c, T* h, std::size_t hidden) {
  const ScalableTag<T> d;
  T *f = gates + hidden, *g = f + hidden, *o = g + hidden;
  for_row(d, hidden, [&](std::size_t k, auto part) HWY_ATTR {
    const auto i_k = sigmoid(d, part.load(d, gates + k)), f_k = sigmoid(d, part.load(d, f + k));
    const auto g_k = tanh(d, part.load(d, g + k)), o_k = sigmoid(d, part.load(d, o + k));
    const auto c_k = Add(Mul(f_k, part.load(d, c + k)), Mul(i_k, g_k));
    part.store(i_k, d, gates + k);
    part.store(f_k, d, f + k);
    part.store(g_k, d, g + k);
    part.store(o_k, d, o + k);
    part.store(c_k, d, next_c + k);
    part.store(Mul(o_k, tanh(d, c_k)), d, h + k);
  });
}

template <class T>
void backward(const T* gates, const T* c, const T* next_c, const T* dy, T* dh, T* dc, T* da, std::size_t hidden) {
  const ScalableTag<T> d;
  const auto one = Set(d, T{1});
  const T *f = gates + hidden, *g = f + hidden, *o = g + hidden;
  for_row(d, hidden, [&](std::size_t k, auto part) HWY_ATTR {
    const auto i_k = part.load(d, gates + k), f_k = part.load(d, f + k), g_k = part.load(d, g + k),
               o_k = part.load(d, o + k), t = tanh(d, part.load(d, next_c + k));
    const auto dh_k = dy ? Add(part.load(d, dh + k), part.load(d, dy + k)) : part.load(d, dh + k);
    const auto dc_k = Add(part.load(d, dc + k), Mul(Mul(dh_k, o_k), Sub(one, Mul(t, t))));
    part.store(Mul(Mul(dc_k, g_k), Mul(i_k, Sub(one, i_k))), d, da + k);
    part.store(Mul(Mul(dc_k, part.load(d, c + k)), Mul(f_k, Sub(one, f_k))), d, da + hidden + k);
    part.store(Mul(Mul(dc_k, i_k), Sub(one, Mul(g_k, g_k))), d, da + 2 * hidden + k);
    part.store(Mul(Mul(dh_k, t), Mul(o_k, Sub(one, o_k))), d, da + 3 * hidden + k);
    part.store(Mul(dc_k, f_k), d, dc + k);
    part.store(Zero(d), d, dh + k);
  });
}

template <class T>
constexpr LstmKernels<T> table{.forward = forward<T>, .backward = backward<T>};

}  // namespace

Tables<LstmKernels> lstm_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(lstm_tables);

Tables<LstmKernels> lstm() { return HWY_DYNAMIC_DISPATCH(lstm_tables)(); }

}  // namespace heed::kernels
#endif
