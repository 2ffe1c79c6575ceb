#include "heed/autograd/fused/layer_norm.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

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

double epsilon_of(const std::optional<double>& given, DType dtype) {
  if (given) return *given;
  return dtype == DType::f64 ? std::numeric_limits<double>::epsilon()
                             : static_cast<double>(std::numeric_limits<float>::epsilon());
}

// Layer normalisation, which is centred and may have a bias, or that by the root mean square.
template <bool centred>
struct Norm final : Fused<Norm<centred>, centred ? 3 : 2> {
  static constexpr std::string_view op = centred ? "layer_norm" : "rms_norm";
  Shape block;
  std::optional<double> given_epsilon;
  Saved statistics{*this};  // [rows, 3]: kernels::RowStatistics

  Norm(const Shape& normalized_shape, const std::optional<double>& e) : block(normalized_shape), given_epsilon(e) {}

  Tensor forward(const Tensor& given, const Tensor& weight, const Tensor& bias = {}) {
    check(given, weight, bias);
    const Tensor x = given.contiguous(), w = contiguous(weight), b = contiguous(bias);
    const std::int64_t width = block.numel(), rows = width == 0 ? 0 : x.numel() / width;
    return dispatch_float(op, x.dtype(), [&]<class T> {
      const auto& table = kernels::layer_norm().of<T>();
      const auto normalise = centred ? table.forward : table.rms_forward;
      const T epsilon = static_cast<T>(epsilon_of(given_epsilon, x.dtype()));
      Tensor y = empty(x.shape(), x.dtype(), op), kept = empty({rows, 3}, x.dtype(), op);
      parallel_chunks(
          rows, 1 + 8192 / (width + 1),
          [&, to = y.mutable_data<T>(), found = kept.mutable_data<T>()](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
              const kernels::RowStatistics<T> s = normalise(x.data<T>() + row * width, first<T>(w), first<T>(b),
                                                            epsilon, to + row * width, to_size(width));
              found[3 * row] = s.mean, found[3 * row + 1] = s.rest, found[3 * row + 2] = s.scale;
            }
          });
      statistics.keep_constant(kept);
      return y;
    });
  }

  Grads<Tensor> backward(const Tensor& gradient) {
    const Tensor x = this->input(0).contiguous(), dy = gradient.contiguous(), kept = statistics.tensor();
    const Tensor w = has_weight ? this->input(1).contiguous() : Tensor();
    const std::int64_t width = block.numel(), rows = kept.size(0);
    const std::int64_t groups = (rows + rows_together - 1) / rows_together;
    Tensor dx = this->needs(0) ? empty(x.shape(), x.dtype(), op) : Tensor();
    // One row for each group of rows, added up in a fixed order afterwards.
    const auto sums = [&](std::size_t i) { return this->needs(i) ? zeros({groups, width}, x.dtype()) : Tensor(); };
    Tensor dw = sums(1), db = centred ? sums(2) : Tensor();
    dispatch_float(op, x.dtype(), [&]<class T> {
      const auto& table = kernels::layer_norm().of<T>();
      const auto row_backward = centred ? table.backward : table.rms_backward;
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
    if constexpr (centred)
      return {dx, total(dw), total(db)};
    else
      return {dx, total(dw)};
  }

  Variable definition(std::span<const Variable> x) const {
    if constexpr (centred)
      return layer_norm_definition(x[0], block, x[1], x[2], *given_epsilon);
    else
      return rms_norm_definition(x[0], block, x[1], given_epsilon);
  }

 private:
  static Tensor contiguous(const Tensor& x) { return x.defined() ? x.contiguous() : x; }
  template <class T>
  static const T* first(const Tensor& x) {
    return x.defined() ? x.data<T>() : nullptr;
  }

  void check(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    check_defined(op, "x", x);
    if (!is_float(x.dtype())) throw_dtype(fmt::format("{}: x", op), x.dtype(), "f32 or f64");
    if (const double e = epsilon_of(given_epsilon, x.dtype()); !(e >= 0) || !std::isfinite(e))
      throw Error(fmt::format("{}: epsilon is {}, expected a finite number that is not negative", op, e));
    bool fits = block.rank() > 0 && block.rank() <= x.rank();
    for (int axis = 1; fits && axis <= block.rank(); ++axis) fits = x.size(-axis) == block[block.rank() - axis];
    for (const Tensor* other : {&weight, &bias}) fits = fits && (!other->defined() || other->shape() == block);
    const auto shape = [](const Tensor& t) { return t.defined() ? t.shape().str() : std::string("undefined"); };
    if (!fits)
      throw ShapeError(fmt::format("{}: x {}, normalized_shape {}, weight {}{}: expected x [.., normalized_shape], {}",
                                   op, shape(x), block.str(), shape(weight), centred ? ", bias " + shape(bias) : "",
                                   centred ? "weight and bias [normalized_shape]" : "weight [normalized_shape]"));
    for (const Tensor* other : {&weight, &bias})
      if (other->defined()) check_same_dtype(op, x.dtype(), other->dtype());
    has_weight = weight.defined();
  }

  bool has_weight = false;
};

}  // namespace

Variable layer_norm(const Variable& x, const Shape& normalized_shape, const Variable& weight, const Variable& bias,
                    double epsilon) {
  return fused<Norm<true>>({x, weight, bias}, normalized_shape, std::optional(epsilon));
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

Variable rms_norm(const Variable& x, const Shape& normalized_shape, const Variable& weight,
                  std::optional<double> epsilon) {
  return fused<Norm<false>>({x, weight}, normalized_shape, epsilon);
}

Variable rms_norm_definition(const Variable& x, const Shape& normalized_shape, const Variable& weight,
                             std::optional<double> epsilon) {
  Axes axes;
  for (int axis = -normalized_shape.rank(); axis < 0; ++axis) axes.push_back(axis);
  const Variable y = x / sqrt(mean(x * x, axes, true) + epsilon_of(epsilon, x.dtype()));
  return weight.defined() ? y * weight : y;
}

}  // namespace heed
