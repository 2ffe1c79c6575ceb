#include "heed/tensor/ops/reduce.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/rows.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

constexpr std::int64_t grain = 32768;  // elements of input a thread takes at a time
// x with the kept axes first and the reduced ones last, and the two halves of its shape.
struct Split {
  Tensor x;
  Shape kept, reduced, result;

  Split(const char* operation, const Tensor& input, const Axes& axes, bool keepdim) {
    check_defined(operation, "x", input);
    unsigned chosen = axes.empty() ? (1u << input.rank()) - 1 : 0;
    for (int axis : axes) {
      const unsigned bit = 1u << normalize_axis(operation, axis, input.rank());
      if (chosen & bit) throw IndexError(fmt::format("{}: axis {} is named twice", operation, axis));
      chosen |= bit;
    }
    std::vector<int> order;
    for (int axis = 0; axis < input.rank(); ++axis) {
      const bool away = chosen >> axis & 1;
      if (!away) kept.push_back(input.shape()[axis]), order.push_back(axis);
      if (!away || keepdim) result.push_back(away ? 1 : input.shape()[axis]);
    }
    for (int axis = 0; axis < input.rank(); ++axis)
      if (chosen >> axis & 1) reduced.push_back(input.shape()[axis]), order.push_back(axis);
    x = permute(input, order);
  }
};

// One row of numbers to one number, and two such results to one. Totals are wider than the numbers: some layouts add up
// a million short rows one by one.
template <class T>
struct Sum {
  using Total = std::conditional_t<std::is_same_v<T, float>, double, T>;
  static constexpr Total start = 0;
  static auto row_function() {
    if constexpr (std::is_floating_point_v<T>)
      return kernels::reduce().of<T>().sum;
    else
      return [](const T* x, std::size_t n) { return std::accumulate(x, x + n, T{0}, join); };
  }
  static Total join(Total a, Total b) {
    if constexpr (std::is_floating_point_v<T>)
      return a + b;
    else
      return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
  static constexpr kernels::Binary columns = kernels::Binary::add;
};

template <class T>
struct Max {
  using Total = T;
  static constexpr T start =
      std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
  static auto row_function() {
    if constexpr (std::is_floating_point_v<T>)
      return kernels::reduce().of<T>().max;
    else
      return [](const T* x, std::size_t n) { return std::accumulate(x, x + n, start, join); };
  }
  static T join(T a, T b) { return a > b || a != a ? a : b; }  // a NaN stays
  static constexpr kernels::Binary columns = kernels::Binary::maximum;
};

// Every kept element on its own: its reduced elements are walked row by row.
template <class T, class Reduction>
void reduce_rows(const Split& split, T* to) {
  Strides outer, inner;
  for (int axis = 0; axis < split.x.rank(); ++axis)
    (axis < split.kept.rank() ? outer : inner).push_back(split.x.strides()[axis]);
  const Rows<1> places(split.kept, {outer}), rows(split.reduced, {inner});
  const std::int64_t count = split.reduced.numel(), step = rows.stride(0);
  const T* from = split.x.data<T>();
  const auto row = Reduction::row_function();
  const auto one = [&](const T* first, std::int64_t begin, std::int64_t end) {
    T buffer[staged_piece];
    typename Reduction::Total total = Reduction::start;
    const std::int64_t longest = step == 1 ? rows.row_length() : staged_piece;
    rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
      for (std::int64_t i = 0; i < n; i += longest) {
        const std::int64_t piece = std::min(longest, n - i);
        total = Reduction::join(total, row(staged(first + offset[0] + i * step, step, piece, buffer), to_size(piece)));
      }
    });
    return total;
  };
  const auto place = [&](std::int64_t begin, std::int64_t end, auto&& body) {
    places.visit(begin, end, [&](const auto& offset, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i) body(begin++, from + offset[0] + i * places.stride(0));
    });
  };
  if (split.kept.numel() == 1)
    place(0, 1, [&](std::int64_t at, const T* first) {
      to[at] = static_cast<T>(reduce_chunks(
          count, grain, Reduction::start, [&](std::int64_t begin, std::int64_t end) { return one(first, begin, end); },
          Reduction::join));
    });
  else
    parallel_chunks(split.kept.numel(), std::max<std::int64_t>(1, grain / std::max<std::int64_t>(count, 1)),
                    [&](std::int64_t begin, std::int64_t end) {
                      place(begin, end,
                            [&](std::int64_t at, const T* first) { to[at] = static_cast<T>(one(first, 0, count)); });
                    });
}

// Whole rows are combined with each other, when the last kept axis is contiguous: y[j] = x[0][j] ∘ x[1][j] ∘ … . Blocks
// of rows are combined first, then the blocks, so that the error of a long sum stays small.
template <class T, class Reduction>
void reduce_columns(const Split& split, T* to) {
  constexpr std::int64_t block = 64;
  Shape outer_shape = split.kept;
  outer_shape.erase(outer_shape.rank() - 1);
  Strides outer, inner;
  for (int axis = 0; axis < split.x.rank(); ++axis) {
    if (axis < split.kept.rank() - 1) outer.push_back(split.x.strides()[axis]);
    if (axis >= split.kept.rank()) inner.push_back(split.x.strides()[axis]);
  }
  const std::int64_t width = split.kept[split.kept.rank() - 1], count = split.reduced.numel();
  const std::int64_t columns = std::max<std::int64_t>(64, grain / std::max<std::int64_t>(count, 1));
  const Rows<1> places(outer_shape, {outer}), rows(split.reduced, {inner});
  const T* from = split.x.data<T>();
  const auto combine = kernels::elementwise().of<T>().binary;
  const auto strip = [&](const T* first, T* result, std::int64_t n) {
    std::vector<T> partial(to_size(n));
    std::vector<typename Reduction::Total> total(to_size(n), Reduction::start);
    for (std::int64_t begin = 0; begin < count; begin += block) {
      std::fill(partial.begin(), partial.end(), static_cast<T>(Reduction::start));
      rows.visit(begin, std::min(count, begin + block), [&](const auto& offset, std::int64_t length) {
        for (std::int64_t i = 0; i < length; ++i)
          combine(Reduction::columns, partial.data(), first + offset[0] + i * rows.stride(0), partial.data(),
                  to_size(n));
      });
      for (std::size_t i = 0; i < to_size(n); ++i) total[i] = Reduction::join(total[i], partial[i]);
    }
    std::transform(total.begin(), total.end(), result, [](auto number) { return static_cast<T>(number); });
  };
  const std::int64_t strips = (width + columns - 1) / columns;
  const std::int64_t work = std::max<std::int64_t>(1, std::min(columns, width) * count);  // of one strip
  parallel_chunks(
      outer_shape.numel() * strips, std::max<std::int64_t>(1, grain / work), [&](std::int64_t begin, std::int64_t end) {
        for (; begin < end; ++begin) {
          const std::int64_t place = begin / strips, column = begin % strips * columns;
          places.visit(place, place + 1, [&](const auto& offset, std::int64_t) {
            strip(from + offset[0] + column, to + place * width + column, std::min(columns, width - column));
          });
        }
      });
}

template <class T, template <class> class Reduction>
Tensor reduce(std::string_view name, const Split& split) {
  Tensor y = empty(split.result, split.x.dtype(), name);
  T* to = y.mutable_data<T>();
  const int last = split.kept.rank() - 1;
  if constexpr (std::is_floating_point_v<T>)
    if (last >= 0 && split.kept[last] >= 8 && split.x.strides()[last] == 1) {
      reduce_columns<T, Reduction<T>>(split, to);
      return y;
    }
  reduce_rows<T, Reduction<T>>(split, to);
  return y;
}

}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  const Split split("sum", x, axes, keepdim);
  if (x.dtype() == DType::i64) return reduce<std::int64_t, Sum>("sum", split);
  return dispatch_float("sum", x.dtype(), [&]<class T> { return reduce<T, Sum>("sum", split); });
}

Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  check_defined("mean", "x", x);
  if (!is_float(x.dtype())) throw_dtype("mean", x.dtype(), "f32 or f64");
  const Split split("mean", x, axes, keepdim);
  return sum(x, axes, keepdim) / static_cast<double>(split.reduced.numel());
}

Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  const Split split("max", x, axes, keepdim);
  if (x.dtype() == DType::i64) {
    if (split.reduced.numel() == 0 && split.kept.numel() > 0)
      throw ShapeError(fmt::format("max: no i64 is the largest of none, shape is {}", x.shape().str()));
    return reduce<std::int64_t, Max>("max", split);
  }
  return dispatch_float("max", x.dtype(), [&]<class T> { return reduce<T, Max>("max", split); });
}

Tensor argmax(const Tensor& x, int axis) {
  check_defined("argmax", "x", x);
  const int position = normalize_axis("argmax", axis, x.rank());
  if (x.shape()[position] == 0) throw ShapeError(fmt::format("argmax: axis {} of {} is empty", axis, x.shape().str()));
  const Split split("argmax", x, {position}, false);
  Tensor y = empty(split.result, DType::i64, "argmax");
  std::int64_t* to = y.mutable_data<std::int64_t>();
  const auto find = [&]<class T>() {
    const Tensor rows = split.x.contiguous();
    const T* from = rows.data<T>();
    const std::int64_t n = split.reduced.numel();
    for (std::int64_t i = 0; i < y.numel(); ++i, from += n) {
      std::int64_t best = 0;
      for (std::int64_t j = 1; j < n && from[best] == from[best]; ++j)  // up to a NaN
        if (!(from[j] <= from[best])) best = j;
      to[i] = best;
    }
  };
  if (x.dtype() == DType::i64)
    find.operator()<std::int64_t>();
  else
    dispatch_float("argmax", x.dtype(), find);
  return y;
}

Axes expanded_axes(const Shape& from, const Shape& to) {
  const int shift = from.rank() - to.rank();
  Axes axes;
  for (int axis = 0; axis < from.rank(); ++axis)
    if (axis < shift || (to[axis - shift] == 1 && from[axis] != 1)) axes.push_back(axis);
  return axes;
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  check_defined("sum_to", "x", x);
  if (x.shape() == shape) return x;
  if (shape.rank() > x.rank() || !(broadcast("sum_to", x.shape(), shape) == x.shape()))
    throw ShapeError(fmt::format("sum_to: {} does not expand to {}", shape.str(), x.shape().str()));
  if (x.dtype() == DType::boolean) throw_dtype("sum_to", x.dtype(), "f32, f64 or i64");
  const Axes axes = expanded_axes(x.shape(), shape);
  return reshape(axes.empty() ? x : sum(x, axes, true), shape);
}

namespace {

// √Σ x² where the squares overflow or lose digits: every number is divided by a power of two near the largest.
double scaled_norm(const double* x, std::int64_t n) {
  const double largest = reduce_chunks(
      n, grain, 0.0,
      [&](std::int64_t begin, std::int64_t end) {
        return std::accumulate(x + begin, x + end, 0.0, [](double a, double b) { return std::max(a, std::abs(b)); });
      },
      [](double a, double b) { return std::max(a, b); });
  if (largest == 0 || std::isinf(largest)) return largest;
  const int exponent = std::ilogb(largest);
  const double scale = std::ldexp(1.0, std::clamp(-exponent, -1023, 1023));
  const double squares = reduce_chunks(
      n, grain, 0.0,
      [&](std::int64_t begin, std::int64_t end) {
        return std::accumulate(x + begin, x + end, 0.0,
                               [scale](double sum, double b) { return sum + (b * scale) * (b * scale); });
      },
      std::plus<>());
  return std::ldexp(std::sqrt(squares), std::clamp(exponent, -1023, 1023));
}

}  // namespace

double norm(const Tensor& x) {
  check_defined("norm", "x", x);
  return dispatch_float("norm", x.dtype(), [&]<class T> {
    const Tensor dense = x.contiguous();
    const T* from = dense.data<T>();
    const double squares = reduce_chunks(
        dense.numel(), grain, 0.0,
        [from, sum = kernels::reduce().of<T>().sum_of_squares](std::int64_t begin, std::int64_t end) {
          return sum(from + begin, to_size(end - begin));
        },
        std::plus<>());
    if constexpr (std::is_same_v<T, double>)  // the squares of f32 always fit
      if (squares < 0x1p-960 || std::isinf(squares)) return scaled_norm(from, dense.numel());
    return std::sqrt(squares);
  });
}

}  // namespace heed
