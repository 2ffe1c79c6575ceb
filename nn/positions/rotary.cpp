#include "heed/nn/positions/rotary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "heed/autograd/record.h"
#include "heed/nn/internal/position_angles.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

constexpr std::string_view op = "rotary";

std::int64_t checked_width(std::int64_t features, const RotaryOptions& options) {
  const std::int64_t width = options.width == 0 ? features : options.width;
  if (width < 2 || width % 2 != 0 || width > features)
    throw ShapeError(fmt::format("{}: {} of {} features, expected an even number of them", op, width, features));
  if (!(options.base > 0 && std::isfinite(options.base)))
    throw Error(fmt::format("{}: base is {}, expected a positive number", op, options.base));
  return width;
}

Sizes check(const Tensor& x, const RotaryAngles& angles) {
  const Operand given{"x", x, "B H T K"};
  const bool shared = angles.cosine.defined() && angles.cosine.rank() == 2;
  const Sizes size =
      shared ? check_shapes(op, {given, {"cosine", angles.cosine, "T P"}, {"sine", angles.sine, "T P"}})
             : check_shapes(op, {given, {"cosine", angles.cosine, "B T P"}, {"sine", angles.sine, "B T P"}});
  if (!is_float(x.dtype())) throw_dtype(op, x.dtype(), "f32 or f64");
  check_same_dtype(op, x.dtype(), angles.cosine.dtype());
  check_same_dtype(op, x.dtype(), angles.sine.dtype());
  if (size['P'] > size['K'] / 2)
    throw ShapeError(
        fmt::format("{}: angles for {} pairs, x {} has {}", op, size['P'], x.shape().str(), size['K'] / 2));
  return size;
}

// One row of pairs. Two loops where both halves are written: a compiler makes vectors of either, but not of both at
// once.
template <class T>
void turn_neighbours(const T* x, T* y, const T* cosine, const T* sine, std::int64_t pairs) {
  for (std::int64_t i = 0; i < pairs; ++i) {
    y[2 * i] = x[2 * i] * cosine[i] - x[2 * i + 1] * sine[i];
    y[2 * i + 1] = x[2 * i] * sine[i] + x[2 * i + 1] * cosine[i];
  }
}

template <class T>
void turn_halves(const T* x, T* y, const T* cosine, const T* sine, std::int64_t pairs) {
  for (std::int64_t i = 0; i < pairs; ++i) y[i] = x[i] * cosine[i] - x[i + pairs] * sine[i];
  for (std::int64_t i = 0; i < pairs; ++i) y[i + pairs] = x[i] * sine[i] + x[i + pairs] * cosine[i];
}

// Rows stay where they are: heads that are views of one projection are read in place.
template <class T>
Tensor turn_rows(const Tensor& given, const Sizes& size, const RotaryAngles& angles) {
  const Tensor x = given.strides()[3] == 1 ? given : given.contiguous();
  const Tensor cosines = angles.cosine.contiguous(), sines = angles.sine.contiguous();
  Tensor y = empty(x.shape(), x.dtype(), op);
  const std::int64_t heads = size['H'], rows = size['T'], features = size['K'], pairs = size['P'];
  const std::int64_t positions = cosines.rank() == 3 ? rows : 0;  // of one example, where they have their own
  const Strides& stride = x.strides();
  const T *from = x.data<T>(), *cosine = cosines.data<T>(), *sine = sines.data<T>();
  T* to = y.mutable_data<T>();
  const auto turn_row = angles.pairs == RotaryPairs::halves ? turn_halves<T> : turn_neighbours<T>;
  parallel_chunks(size['B'] * heads * rows, 1 + 4096 / (features + 1), [&](std::int64_t row, std::int64_t end) {
    for (; row < end; ++row) {
      const std::int64_t t = row % rows, h = row / rows % heads, b = row / rows / heads;
      const T* in = from + b * stride[0] + h * stride[1] + t * stride[2];
      T* out = to + row * features;
      const std::int64_t angle = (b * positions + t) * pairs;
      turn_row(in, out, cosine + angle, sine + angle, pairs);
      std::copy(in + 2 * pairs, in + features, out + 2 * pairs);
    }
  });
  return y;
}

Tensor turn(const Tensor& x, const RotaryAngles& angles) {
  const Sizes size = check(x, angles);
  return dispatch_float(op, x.dtype(), [&]<class T> { return turn_rows<T>(x, size, angles); });
}

Variable turn(const Variable& x, const RotaryAngles& angles);

struct Rotary final : Rule<Rotary> {
  static constexpr std::string_view op = nn::op;
  Saved cosine{*this}, sine{*this};
  RotaryPairs pairs = RotaryPairs::interleaved;

  template <class V>
  Grads<V> vjp(const V& dy) {
    return {turn(dy, {cosine.tensor(), -sine.tensor(), pairs})};
  }
};

Variable turn(const Variable& x, const RotaryAngles& angles) {
  return record<Rotary>(turn(x.value(), angles), {x}, [&](Rotary& rule) {
    rule.cosine.keep_constant(angles.cosine);
    rule.sine.keep_constant(angles.sine);
    rule.pairs = angles.pairs;
  });
}

}  // namespace

RotaryAngles rotary_angles(const Tensor& positions, std::int64_t features, const RotaryOptions& options, DType dtype) {
  check_defined(op, "positions", positions);
  const std::int64_t width = checked_width(features, options);
  const PositionAngles angles = position_angles(op, positions, width / 2, width, options.base, dtype);
  return {angles.cosine, angles.sine, options.pairs};
}

Variable rotary(const Variable& x, const RotaryAngles& angles) { return turn(x, angles); }

Variable rotary(const Variable& x, const Positions& positions, const RotaryOptions& options) {
  const Sizes size = check_shapes(op, {{"x", x.value(), "B H T K"}});
  return rotary(x, rotary_angles(positions.of(op, size['B'], size['T']), size['K'], options, x.dtype()));
}

}  // namespace heed::nn
