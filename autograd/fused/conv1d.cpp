#include "heed/autograd/fused/conv1d.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 56;  // sums of a few such sizes do not overflow

// Sizes of one call, and which position of x an output reads at tap j.
struct Geometry {
  Conv1dOptions options;
  std::int64_t batch, groups, in, out, taps, length, positions;  // in and out: channels of one group

  // Of the output positions, those whose tap j stands inside x, and the position of x that the first of them reads.
  struct Reach {
    std::int64_t begin, end, source;
  };
  Reach reach(std::int64_t tap) const {
    const std::int64_t shift = tap * options.dilation - options.padding.left, stride = options.stride;
    const std::int64_t begin = shift < 0 ? std::min(positions, (-shift + stride - 1) / stride) : 0;
    const std::int64_t end = shift < length ? std::min(positions, (length - 1 - shift) / stride + 1) : 0;
    return {begin, std::max(begin, end), begin * stride + shift};
  }
};

void check_option(std::string_view name, std::int64_t value, std::int64_t lowest) {
  if (value < lowest || value > largest)
    throw ShapeError(fmt::format("conv1d: {} is {}, expected {} to {}", name, value, lowest, largest));
}

Geometry checked(const Tensor& x, const Tensor& weight, const Tensor& bias, const Conv1dOptions& o) {
  const Sizes size =
      check_shapes("conv1d", {{"x", x, "B C L"}, {"weight", weight, "O I K"}, {"bias", bias, "O", true}});
  check_same_dtype("conv1d", x.dtype(), weight.dtype());
  if (bias.defined()) check_same_dtype("conv1d", x.dtype(), bias.dtype());
  if (!is_float(x.dtype())) throw_dtype("conv1d", x.dtype(), "f32 or f64");
  check_option("stride", o.stride, 1);
  check_option("dilation", o.dilation, 1);
  check_option("groups", o.groups, 1);
  check_option("padding on the left", o.padding.left, 0);
  check_option("padding on the right", o.padding.right, 0);
  check_option("the kernel's size", size['K'], 1);
  const std::string shapes = fmt::format("x {}, weight {}", x.shape().str(), weight.shape().str());
  if (size['C'] % o.groups != 0 || size['C'] / o.groups != size['I'] || size['O'] % o.groups != 0)
    throw ShapeError(fmt::format("conv1d: {} in {} groups: expected x [B, {}·I, L], weight [{}·O, I, K]", shapes,
                                 o.groups, o.groups, o.groups));
  const std::int64_t length = size['L'], padded = length + o.padding.left + o.padding.right;
  if (padded < 1 || (padded - 1) / o.dilation < size['K'] - 1)
    throw ShapeError(
        fmt::format("conv1d: the kernel is longer than x: {} taps {} apart reach over {} + {} + {} positions: {}",
                    size['K'], o.dilation, o.padding.left, length, o.padding.right, shapes));
  const std::int64_t positions = (padded - 1 - (size['K'] - 1) * o.dilation) / o.stride + 1;
  return {o, size['B'], o.groups, size['I'], size['O'] / o.groups, size['K'], length, positions};
}

template <class T, class Body>
void each_channel(std::int64_t count, std::int64_t numbers, Body&& body) {
  parallel_chunks(count, 1 + 16384 / (numbers + 1), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i);
  });
}

// x [B, C, L] -> [groups, I·k, B·positions]: a row for every channel and tap, as the weight's rows have it.
template <class T>
Tensor columns(const Geometry& g, const Tensor& given) {
  const Tensor x = given.contiguous();
  const std::int64_t channels = g.groups * g.in, n = g.positions;
  Tensor result = empty({g.groups, g.in * g.taps, g.batch * n}, x.dtype(), "conv1d");
  each_channel<T>(channels * g.taps, g.batch * n, [&, to_all = result.mutable_data<T>()](std::int64_t row) {
    const auto [begin, end, source] = g.reach(row % g.taps);
    for (std::int64_t b = 0; b < g.batch; ++b) {
      T* to = to_all + (row * g.batch + b) * n;
      const T* from = x.data<T>() + (b * channels + row / g.taps) * g.length + source;
      std::fill(to, to + begin, T{0});
      if (g.options.stride == 1)
        std::copy(from, from + (end - begin), to + begin);
      else
        for (std::int64_t t = begin; t < end; ++t) to[t] = from[(t - begin) * g.options.stride];
      std::fill(to + end, to + n, T{0});
    }
  });
  return result;
}

// The transpose of columns(): every number goes back to the position of x that it came from, in the order of taps.
template <class T>
Tensor add_columns(const Geometry& g, const Tensor& rows) {
  const std::int64_t channels = g.groups * g.in, n = g.positions;
  Tensor dx = empty({g.batch, channels, g.length}, rows.dtype(), "conv1d");
  each_channel<T>(g.batch * channels, g.taps * n, [&, to_all = dx.mutable_data<T>()](std::int64_t i) {
    const std::int64_t b = i / channels, channel = i % channels;
    T* to = to_all + i * g.length;
    std::fill(to, to + g.length, T{0});
    for (std::int64_t tap = 0; tap < g.taps; ++tap) {
      const auto [begin, end, source] = g.reach(tap);
      const T* from = rows.data<T>() + ((channel * g.taps + tap) * g.batch + b) * n;
      if (g.options.stride == 1)
        for (std::int64_t t = begin; t < end; ++t) to[source + t - begin] += from[t];
      else
        for (std::int64_t t = begin; t < end; ++t) to[source + (t - begin) * g.options.stride] += from[t];
    }
  });
  return dx;
}

// [groups·O, B·positions] -> [B, groups·O, positions], with the bias added.
template <class T>
Tensor by_example(const Geometry& g, const Tensor& products, const Tensor& bias) {
  const std::int64_t channels = g.groups * g.out, n = g.positions;
  const Tensor added = bias.defined() ? bias.contiguous() : bias;
  Tensor y = empty({g.batch, channels, n}, products.dtype(), "conv1d");
  each_channel<T>(g.batch * channels, n, [&, to_all = y.mutable_data<T>()](std::int64_t i) {
    const std::int64_t b = i / channels, channel = i % channels;
    const T* from = products.data<T>() + (channel * g.batch + b) * n;
    if (!added.defined()) {
      std::copy(from, from + n, to_all + i * n);
      return;
    }
    const T plus = added.data<T>()[channel];
    for (std::int64_t t = 0; t < n; ++t) to_all[i * n + t] = from[t] + plus;
  });
  return y;
}

struct Conv1d final : Fused<Conv1d, 3> {
  static constexpr std::string_view op = "conv1d";
  Conv1dOptions options;

  explicit Conv1d(const Conv1dOptions& o) : options(o) {}

  Tensor forward(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    const Geometry g = checked(x, weight, bias, options);
    return dispatch_float(
        op, x.dtype(), [&]<class T> { return by_example<T>(g, matmul(matrices(g, weight), columns<T>(g, x)), bias); });
  }

  Grads<Tensor> backward(const Tensor& gradient, const Sums<Tensor>& sums) {
    const Tensor &x = input(0), &weight = input(1);
    const Geometry g = checked(x, weight, {}, options);
    const Tensor dy = gradient.contiguous();
    // As the products gave y: [groups, O, B·positions].
    const Tensor of_products =
        needs(0) || needs(1) ? reshape(transpose(dy, 0, 1), {g.groups, g.out, g.batch * g.positions}) : Tensor();
    return dispatch_float(op, x.dtype(), [&]<class T> {
      return Grads<Tensor>{
          needs(0) ? add_columns<T>(g, matmul(mT(matrices(g, weight)), of_products).contiguous()) : Tensor(),
          needs(1) ? to_weight<T>(g, x, weight, of_products, sums) : Tensor(), needs(2) ? sum(dy, {0, 2}) : Tensor()};
    });
  }

  Variable definition(std::span<const Variable> x) const { return conv1d_definition(x[0], x[1], x[2], options); }

 private:
  static Tensor matrices(const Geometry& g, const Tensor& weight) {
    return reshape(weight.contiguous(), {g.groups, g.out, g.in * g.taps});
  }

  template <class T>
  static Tensor to_weight(const Geometry& g, const Tensor& x, const Tensor& weight, const Tensor& of_products,
                          const Sums<Tensor>& sums) {
    const Tensor transposed = mT(columns<T>(g, x));
    return sums.add(
        1,
        [&](Tensor& sum) {
          Tensor view = matrices(g, sum);
          add_matmul(view, of_products, transposed);
        },
        [&] { return reshape(matmul(of_products, transposed), weight.shape()); });
  }
};

// With zeros before and after.
Variable padded(const Variable& x, const Conv1dPadding& padding) {
  const auto end = [&](std::int64_t n) { return Variable(zeros({x.size(0), x.size(1), n}, x.dtype())); };
  return concat({end(padding.left), x, end(padding.right)}, 2);
}

}  // namespace

Variable conv1d(const Variable& x, const Variable& weight, const Variable& bias, const Conv1dOptions& options) {
  return fused<Conv1d>({x, weight, bias}, options);
}

Variable conv1d_definition(const Variable& x, const Variable& weight, const Variable& bias,
                           const Conv1dOptions& options) {
  const Geometry g = checked(x.value(), weight.value(), bias.value(), options);
  const Variable extended = padded(x, options.padding);
  const Variable grouped = reshape(extended, {g.batch, g.groups, g.in, extended.size(2)});
  const Variable matrices = reshape(weight, {g.groups, g.out, g.in, g.taps});
  Variable y;
  for (std::int64_t tap = 0; tap < g.taps; ++tap) {
    const std::int64_t first = tap * options.dilation, last = first + (g.positions - 1) * options.stride;
    const Variable term = matmul(select(matrices, 3, tap), slice(grouped, 3, first, last + 1, options.stride));
    y = y.defined() ? y + term : term;  // [B, groups, O, positions]
  }
  y = reshape(y, {g.batch, g.groups * g.out, g.positions});
  return bias.defined() ? y + unsqueeze(bias, 1) : y;
}

}  // namespace heed
