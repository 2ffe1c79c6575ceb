#include "heed/tensor/kernels/gru.h"

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/gru.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/math-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// No fused multiply-adds outside exp and tanh: a step has the bits of the same formula spelled out in element-wise
// rows.

/// (1 - z)∘n + z∘h.
template <class D>
HWY_INLINE Vec<D> blended(D d, Vec<D> z, Vec<D> n, Vec<D> h) {
  return Add(Mul(Sub(Set(d, TFromD<D>{1}), z), n), Mul(z, h));
}

/// Gradient through s = sigmoid(a), given s and ds: ds∘s∘(1 - s).
template <class D>
HWY_INLINE Vec<D> sigmoid_backward(D d, Vec<D> ds, Vec<D> s) {
  return Mul(Mul(ds, s), Sub(Set(d, TFromD<D>{1}), s));
}

/// Gradient through t = tanh(a), given t and dt: dt∘(1 - t²).
template <class D>
HWY_INLINE Vec<D> tanh_backward(D d, Vec<D> dt, Vec<D> t) {
  return Mul(dt, Sub(Set(d, TFromD<D>{1}), Mul(t, t)));
}

template <class T>
void forward(const T* x, const T* u, const T* h, T* gates, T* y, std::size_t hidden) {
  const ScalableTag<T> d;
  const T *x_z = x + hidden, *x_n = x + 2 * hidden, *u_z = u + hidden, *u_n = u + 2 * hidden;
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto r = sigmoid(d, Add(part.load(d, x + i), part.load(d, u + i)));
    const auto z = sigmoid(d, Add(part.load(d, x_z + i), part.load(d, u_z + i)));
    const auto n = tanh(d, Add(part.load(d, x_n + i), Mul(r, part.load(d, u_n + i))));
    const auto state = blended(d, z, n, part.load(d, h + i));
    part.store(r, d, gates + i);
    part.store(z, d, gates + hidden + i);
    part.store(n, d, gates + 2 * hidden + i);
    part.store(state, d, y + i);
  });
}

template <class T>
void backward(const T* u, const T* h, const T* gates, const T* dy, T* dx, T* du, T* dh, std::size_t hidden) {
  const ScalableTag<T> d;
  const auto one = Set(d, T{1});
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto r = part.load(d, gates + i), z = part.load(d, gates + hidden + i);
    const auto n = part.load(d, gates + 2 * hidden + i), dstate = part.load(d, dy + i);
    const auto da_n = tanh_backward(d, Mul(dstate, Sub(one, z)), n);
    const auto da_z = sigmoid_backward(d, Mul(dstate, Sub(part.load(d, h + i), n)), z);
    const auto da_r = sigmoid_backward(d, Mul(da_n, part.load(d, u + 2 * hidden + i)), r);
    part.store(da_r, d, dx + i);
    part.store(da_z, d, dx + hidden + i);
    part.store(da_n, d, dx + 2 * hidden + i);
    part.store(da_r, d, du + i);
    part.store(da_z, d, du + hidden + i);
    part.store(Mul(da_n, r), d, du + 2 * hidden + i);
    part.store(Mul(dstate, z), d, dh + i);
  });
}

template <class T>
void gates(const T* x, const T* u, const T* h, T* gates, T* reset_h, std::size_t hidden) {
  const ScalableTag<T> d;
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto r = sigmoid(d, Add(part.load(d, x + i), part.load(d, u + i)));
    const auto z = sigmoid(d, Add(part.load(d, x + hidden + i), part.load(d, u + hidden + i)));
    const auto reset = Mul(r, part.load(d, h + i));
    part.store(r, d, gates + i);
    part.store(z, d, gates + hidden + i);
    part.store(reset, d, reset_h + i);
  });
}

template <class T>
void blend(const T* x, const T* u_n, const T* h, T* gates, T* y, std::size_t hidden) {
  const ScalableTag<T> d;
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto n = tanh(d, Add(part.load(d, x + 2 * hidden + i), part.load(d, u_n + i)));
    const auto state = blended(d, part.load(d, gates + hidden + i), n, part.load(d, h + i));
    part.store(n, d, gates + 2 * hidden + i);
    part.store(state, d, y + i);
  });
}

template <class T>
void blend_backward(const T* h, const T* gates, const T* dy, T* dx, T* dh, std::size_t hidden) {
  const ScalableTag<T> d;
  const auto one = Set(d, T{1});
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto z = part.load(d, gates + hidden + i), n = part.load(d, gates + 2 * hidden + i);
    const auto dstate = part.load(d, dy + i);
    const auto da_n = tanh_backward(d, Mul(dstate, Sub(one, z)), n);
    const auto da_z = sigmoid_backward(d, Mul(dstate, Sub(part.load(d, h + i), n)), z);
    part.store(da_z, d, dx + hidden + i);
    part.store(da_n, d, dx + 2 * hidden + i);
    part.store(Mul(dstate, z), d, dh + i);
  });
}

template <class T>
void gates_backward(const T* h, const T* gates, const T* dreset_h, T* dx, T* dh, std::size_t hidden) {
  const ScalableTag<T> d;
  for_row(d, hidden, [&](std::size_t i, auto part) HWY_ATTR {
    const auto r = part.load(d, gates + i), dreset = part.load(d, dreset_h + i);
    part.store(sigmoid_backward(d, Mul(dreset, part.load(d, h + i)), r), d, dx + i);
    part.store(Add(part.load(d, dh + i), Mul(dreset, r)), d, dh + i);
  });
}

template <class T>
constexpr GruKernels<T> table{.forward = forward<T>,
                              .backward = backward<T>,
                              .gates = gates<T>,
                              .blend = blend<T>,
                              .blend_backward = blend_backward<T>,
                              .gates_backward = gates_backward<T>};

}  // namespace

Tables<GruKernels> gru_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(gru_tables);

Tables<GruKernels> gru() { return HWY_DYNAMIC_DISPATCH(gru_tables)(); }

}  // namespace heed::kernels
#endif
