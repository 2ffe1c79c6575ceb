#include "heed/nn/init.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

void check_gain(std::string_view name, double gain, bool holds) {
  if (!std::isfinite(gain) || !holds) throw Error(fmt::format("{}: gain is {}", name, gain));
}

void check_weight(std::string_view name, const Shape& shape) {
  if (shape.rank() < 2)
    throw ShapeError(fmt::format("{}: {} has no fans, expected a weight [out, in, ..]", name, shape.str()));
}

double at_least_one(std::int64_t fan) { return static_cast<double>(std::max<std::int64_t>(fan, 1)); }

double xavier_deviation(std::string_view name, const Shape& shape, double gain) {
  check_weight(name, shape);
  check_gain(name, gain, gain >= 0);
  const Fans fans = fans_of(shape);
  return gain * std::sqrt(2 / at_least_one(fans.in + fans.out));
}

double kaiming_deviation(std::string_view name, const Shape& shape, const Kaiming& config) {
  check_weight(name, shape);
  const double gain = calculate_gain(config.nonlinearity, config.negative_slope);
  check_gain(name, gain, true);
  const Fans fans = fans_of(shape);
  return gain / std::sqrt(at_least_one(config.mode == Fan::in ? fans.in : fans.out));
}

// U(-√3·s, √3·s), whose deviation is s.
Tensor symmetric(Generator& generator, const Shape& shape, double deviation, DType dtype) {
  const double bound = std::sqrt(3.0) * deviation;
  return uniform(generator, shape, -bound, bound, dtype);
}

// A matrix [rows, columns], row by row, rows >= columns. Every step adds multiples of rows to rows, element by element,
// so that vectors of any width give the same bits.
class Matrix {
 public:
  Matrix(double* numbers, std::size_t rows, std::size_t columns) : first_(numbers), rows_(rows), columns_(columns) {}

  double& at(std::size_t row, std::size_t column) { return first_[row * columns_ + column]; }

  // Rows from `row` on: A -= factor·v·(vᵀ·A) from column `column` on, v being column `row` of `reflections`.
  void reflect(Matrix reflections, std::size_t row, double factor, std::size_t column) {
    if (column == columns_) return;
    const auto add_scaled = kernels::elementwise().of<double>().add_scaled;
    std::vector<double> product(columns_ - column);  // vᵀ·A
    for (std::size_t i = row; i < rows_; ++i)
      add_scaled(reflections.at(i, row), &at(i, column), product.data(), product.size());
    for (std::size_t i = row; i < rows_; ++i)
      add_scaled(-factor * reflections.at(i, row), product.data(), &at(i, column), product.size());
  }

 private:
  double* first_;
  std::size_t rows_, columns_;
};

// The Q of a = Q·R whose R has a positive diagonal; a is overwritten with what reflects.
Tensor orthonormal_columns(Tensor& a) {
  const std::size_t rows = to_size(a.size(0)), columns = to_size(a.size(1));
  Tensor result = zeros(a.shape(), DType::f64);
  Matrix r(a.mutable_data<double>(), rows, columns), q(result.mutable_data<double>(), rows, columns);
  std::vector<double> factors(columns), signs(columns);
  for (std::size_t k = 0; k < columns; ++k) {
    double squares = 0;
    for (std::size_t i = k; i < rows; ++i) squares += r.at(i, k) * r.at(i, k);
    const double length = std::sqrt(squares), head = r.at(k, k);
    signs[k] = head > 0 ? -1 : 1;  // of R's diagonal: away from `head`, so that nothing cancels
    r.at(k, k) = head - signs[k] * length;
    factors[k] = length == 0 ? 0 : 1 / (length * (length + std::abs(head)));  // 2/vᵀv
    r.reflect(r, k, factors[k], k + 1);
  }
  for (std::size_t k = columns; k-- > 0;) {
    q.at(k, k) = 1;
    q.reflect(r, k, factors[k], k);
  }
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < columns; ++k) q.at(i, k) *= signs[k];
  return result;
}

}  // namespace

Tensor fan_in_uniform(Generator& generator, const Shape& shape, std::int64_t fan_in, DType dtype) {
  if (fan_in < 0) throw ShapeError(fmt::format("fan_in_uniform: fan_in is {}", fan_in));
  const double bound = 1 / std::sqrt(at_least_one(fan_in));
  return uniform(generator, shape, -bound, bound, dtype);
}

Fans fans_of(const Shape& shape) {
  check_weight("fans_of", shape);
  Shape per_output = shape, per_input = shape;
  per_output.erase(0);
  per_input.erase(1);
  return {.in = per_output.numel(), .out = per_input.numel()};
}

double calculate_gain(Nonlinearity nonlinearity, double negative_slope) {
  switch (nonlinearity) {
    case Nonlinearity::linear:
    case Nonlinearity::sigmoid:
      return 1;
    case Nonlinearity::tanh:
      return 5.0 / 3;
    case Nonlinearity::relu:
      return std::sqrt(2.0);
    case Nonlinearity::leaky_relu:
      return std::sqrt(2 / (1 + negative_slope * negative_slope));
    case Nonlinearity::selu:
      break;
  }
  return 0.75;
}

Tensor xavier_normal(Generator& generator, const Shape& shape, double gain, DType dtype) {
  return normal(generator, shape, 0, xavier_deviation("xavier_normal", shape, gain), dtype);
}

Tensor xavier_uniform(Generator& generator, const Shape& shape, double gain, DType dtype) {
  return symmetric(generator, shape, xavier_deviation("xavier_uniform", shape, gain), dtype);
}

Tensor kaiming_normal(Generator& generator, const Shape& shape, const Kaiming& config, DType dtype) {
  return normal(generator, shape, 0, kaiming_deviation("kaiming_normal", shape, config), dtype);
}

Tensor kaiming_uniform(Generator& generator, const Shape& shape, const Kaiming& config, DType dtype) {
  return symmetric(generator, shape, kaiming_deviation("kaiming_uniform", shape, config), dtype);
}

Tensor orthogonal(Generator& generator, const Shape& shape, double gain, DType dtype) {
  check_weight("orthogonal", shape);
  check_gain("orthogonal", gain, true);
  if (!is_float(dtype)) throw_dtype("orthogonal", dtype, "f32 or f64");
  const std::int64_t rows = shape[0], columns = fans_of(shape).in;
  const bool high = rows >= columns;
  Tensor a = normal(generator, {std::max(rows, columns), std::min(rows, columns)}, 0, 1, DType::f64);
  const Tensor q = orthonormal_columns(a) * gain;
  return to(reshape((high ? q : mT(q)).contiguous(), shape), dtype);
}

}  // namespace heed::nn
