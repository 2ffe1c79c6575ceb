#include "heed/autograd/fused/layer_norm.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/layer_norm.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

constexpr std::int64_t rows_together = 64;  // whose shares of dweight and dbias are added up by one thread

struct LayerNorm final : Fused<LayerNorm, 3> {
  static constexpr std::string_view op = "layer_norm";
  Shape block;
  double epsilon;
  Saved statistics{*this};  // [rows, 3]: kernels::RowStatistics

  LayerNorm(const Shape& normalized_shape, double e) : block(normalized_shape), epsilon(e) {}

  Tensor forward(const Tensor& given, const Tensor& weight, const Tensor& bias) {
    check(given, weight, bias);
    const Tensor x = given.contiguous(), w = contiguous(weight), b = contiguous(bias);
    const std::int64_t width = block.numel(), rows = width == 0 ? 0 : x.numel() / width;
    return dispatch_float(op, x.dtype(), [&]<class T> {
      const auto normalise = kernels::layer_norm().of<T>().forward;
      Tensor y = empty(x.shape(), x.dtype(), op), kept = empty({rows, 3}, x.dtype(), op);
      parallel_chunks(
          rows, 1 + 8192 / (width + 1),
          [&, to = y.mutable_data<T>(), found = kept.mutable_data<T>()](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
              const kernels::RowStatistics<T> s = normalise(x.data<T>() + row * width, first<T>(w), first<T>(b),
                                                            static_cast<T>(epsilon), to + row * width, to_size(width));
              found[3 * row] = s.mean, found[3 * row + 1] = s.rest, found[3 * row + 2] = s.scale;
            }
          });
      statistics.keep_constant(kept);
      return y;
    });
  }

  Grads<Tensor> backward(const Tensor& gradient) {
    const Tensor x = input(0).contiguous(), dy = gradient.contiguous(), kept = statistics.tensor();
    const Tensor w = has_weight ? input(1).contiguous() : Tensor();
    const std::int64_t width = block.numel(), rows = kept.size(0);
    const std::int64_t groups = (rows + rows_together - 1) / rows_together;
    Tensor dx = needs(0) ? empty(x.shape(), x.dtype(), op) : Tensor();
    // One row for each group of rows, added up in a fixed order afterwards.
    const auto sums = [&](std::size_t i) { return needs(i) ? zeros({groups, width}, x.dtype()) : Tensor(); };
    Tensor dw = sums(1), db = sums(2);
    dispatch_float(op, x.dtype(), [&]<class T> {
      const auto row_backward = kernels::layer_norm().of<T>().backward;
      const auto at = [](T* begin, std::int64_t offset) { return begin ? begin + offset : nullptr; };
      const auto place = [](Tensor& t) { return t.defined() ? t.mutable_data<T>() : nullptr; };
      T *to_x = place(dx), *to_w = place(dw), *to_b = place(db);
      parallel_chunks(groups, 1, [&](std::int64_t group, std::int64_t end) {
        for (; group < end; ++group)
          for (std::int64_t row = group * rows_together; row < std::min(rows, (group + 1) * rows_together); ++row) {
            const T* s = kept.data<T>() + 3 * row;
            row_backward({s[0], s[1], s[2]}, x.data<T>() + row * width, first<T>(w), dy.data<T>() + row * width,
                         at(to_x, row * width), at(to_w, group * width), at(to_b, group * width), to_size(width));
          }
      });
    });
    const auto total = [&](const Tensor& parts) { return parts.defined() ? reshape(sum(parts, {0}), block) : parts; };
    return {dx, total(dw), total(db)};
  }

  Variable definition(std::span<const Variable> x) const {
    return layer_norm_definition(x[0], block, x[1], x[2], epsilon);
  }

 private:
  static Tensor contiguous(const Tensor& x) { return x.defined() ? x.contiguous() : x; }
  template <class T>
  static const T* first(const Tensor& x) {
    return x.defined() ? x.data<T>() : nullptr;
  }

  void check(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    check_defined(op, "x", x);
    if (!is_float(x.dtype())) throw_dtype("layer_norm: x", x.dtype(), "f32 or f64");
    if (!(epsilon >= 0) || !std::isfinite(epsilon))
      throw Error(fmt::format("{}: epsilon is {}, expected a finite number that is not negative", op, epsilon));
    bool fits = block.rank() > 0 && block.rank() <= x.rank();
    for (int axis = 1; fits && axis <= block.rank(); ++axis) fits = x.size(-axis) == block[block.rank() - axis];
    for (const Tensor* other : {&weight, &bias}) fits = fits && (!other->defined() || other->shape() == block);
    const auto shape = [](const Tensor& t) { return t.defined() ? t.shape().str() : std::string("undefined"); };
    if (!fits)
      throw ShapeError(
          fmt::format("{}: x {}, normalized_shape {}, weight {}, bias {}: expected x [.., normalized_shape]"
                      ", weight and bias [normalized_shape]",
                      op, shape(x), block.str(), shape(weight), shape(bias)));
    for (const Tensor* other : {&weight, &bias})
      if (other->defined()) check_same_dtype(op, x.dtype(), other->dtype());
    has_weight = weight.defined();
  }

  bool has_weight = false;
};

}  // namespace

Variable layer_norm(const Variable& x, const Shape& normalized_shape, const Variable& weight, const Variable& bias,
                    double epsilon) {
  return fused<LayerNorm>({x, weight, bias}, normalized_shape, epsilon);
}

Variable layer_norm_definition(const Variable& x, const Shape& normalized_shape, const Variable& weight,
                               const Variable& bias, double epsilon) {
  Axes axes;
  for (int axis = -normalized_shape.rank(); axis < 0; ++axis) axes.push_back(axis);
  const Variable rough = x - mean(x, axes, true), centred = rough - mean(rough, axes, true);  // a mean is rounded
  const Variable y = centred / sqrt(mean(centred * centred, axes, true) + epsilon);
  const Variable scaled = weight.defined() ? y * weight : y;
  return bias.defined() ? scaled + bias : scaled;
}

}  // namespace heed
