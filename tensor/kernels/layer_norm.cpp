#include "heed/tensor/kernels/layer_norm.h"

#include <cmath>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/layer_norm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// The mean is rounded, and beside a small deviation that error is large. Its own mean, that of x - mean, makes it good:
// these differences are exact where the mean is far from 0.
template <class T>
HWY_NOINLINE RowStatistics<T> statistics_of(const T* x, T epsilon, std::size_t n) {
  const ScalableTag<T> d;
  const T count = static_cast<T>(n);
  const T mean = sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return part.load(d, x + i); }) / count;
  const auto centre = Set(d, mean);
  const T rest =
      sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR { return Sub(part.load(d, x + i), centre); }) / count;
  const auto remaining = Set(d, rest);
  const T variance = sum_light_row(d, n,
                                   [&](std::size_t i, auto part) HWY_ATTR {
                                     const auto v = Sub(Sub(part.load(d, x + i), centre), remaining);
                                     return Mul(v, v);
                                   }) /
                     count;
  return {mean, rest, 1 / std::sqrt(variance + epsilon)};
}

template <class T>
HWY_NOINLINE RowStatistics<T> statistics_about_0(const T* x, T epsilon, std::size_t n) {
  const ScalableTag<T> d;
  const T squares = sum_light_row(d, n,
                                  [&](std::size_t i, auto part) HWY_ATTR {
                                    const auto v = part.load(d, x + i);
                                    return Mul(v, v);
                                  }) /
                    static_cast<T>(n);
  return {0, 0, 1 / std::sqrt(squares + epsilon)};
}

template <class T, bool centred>
RowStatistics<T> forward(const T* x, const T* weight, const T* bias, T epsilon, T* y, std::size_t n) {
  const ScalableTag<T> d;
  if (n == 0) return {};
  const RowStatistics<T> row = centred ? statistics_of(x, epsilon, n) : statistics_about_0(x, epsilon, n);
  const auto mean = Set(d, row.mean), rest = Set(d, row.rest), scale = Set(d, row.scale);
  for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
    auto v = Mul(Sub(Sub(part.load(d, x + i), mean), rest), scale);
    if (weight) v = Mul(v, part.load(d, weight + i));
    if (bias) v = Add(v, part.load(d, bias + i));
    part.store(v, d, y + i);
  });
  return row;
}

template <class T, bool centred>
void backward(const RowStatistics<T>& row, const T* x, const T* weight, const T* dy, T* dx, T* dweight, T* dbias,
              std::size_t n) {
  const ScalableTag<T> d;
  const auto mean = Set(d, row.mean), rest = Set(d, row.rest), scale = Set(d, row.scale);
  const auto normal = [&](std::size_t i, auto part)
                          HWY_ATTR { return Mul(Sub(Sub(part.load(d, x + i), mean), rest), scale); };
  const auto incoming = [&](std::size_t i, auto part) HWY_ATTR {
    const auto v = part.load(d, dy + i);
    return weight ? Mul(v, part.load(d, weight + i)) : v;
  };
  if (dx && n > 0) {
    const T count = static_cast<T>(n);
    const auto g_mean = Set(d, centred ? sum_light_row(d, n, incoming) / count : T{0});
    const auto dot = Set(d, sum_light_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
                              return Mul(incoming(i, part), normal(i, part));
                            }) / count);
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      const auto v = Sub(Sub(incoming(i, part), g_mean), Mul(normal(i, part), dot));
      part.store(Mul(v, scale), d, dx + i);
    });
  }
  if (dweight || dbias)
    for_row(d, n, [&](std::size_t i, auto part) HWY_ATTR {
      const auto v = part.load(d, dy + i);
      if (dweight) part.store(Add(part.load(d, dweight + i), Mul(v, normal(i, part))), d, dweight + i);
      if (dbias) part.store(Add(part.load(d, dbias + i), v), d, dbias + i);
    });
}

template <class T>
constexpr LayerNormKernels<T> table{.forward = forward<T, true>,
                                    .backward = backward<T, true>,
                                    .rms_forward = forward<T, false>,
                                    .rms_backward = backward<T, false>};

}  // namespace

Tables<LayerNormKernels> layer_norm_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(layer_norm_tables);

Tables<LayerNormKernels> layer_norm() { return HWY_DYNAMIC_DISPATCH(layer_norm_tables)(); }

}  // namespace heed::kernels
#endif
