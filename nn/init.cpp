#include "nn/init.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/elementwise.h"

namespace heed::nn {

Tensor fan_in_uniform(Generator& generator, const Shape& shape, std::int64_t fan_in, DType dtype) {
  const double bound = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(fan_in, 1)));
  return uniform(generator, shape, -bound, bound, dtype);
}

Tensor orthogonal(Generator& generator, std::int64_t rows, std::int64_t columns, DType dtype) {
  if (rows < columns)
    throw ShapeError(fmt::format("orthogonal: {} rows cannot hold {} orthonormal columns", rows, columns));
  Tensor q = normal(generator, {columns, rows}, 0, 1, DType::f64);  // the columns, as rows, while they are worked on
  double* x = q.mutable_data<double>();
  for (std::int64_t i = 0; i < columns; ++i) {
    double* row = x + i * rows;
    const auto project = [&] {
      for (std::int64_t j = 0; j < i; ++j) {
        const double* other = x + j * rows;
        double dot = 0;
        for (std::int64_t k = 0; k < rows; ++k) dot += row[k] * other[k];
        for (std::int64_t k = 0; k < rows; ++k) row[k] -= dot * other[k];
      }
    };
    project();
    project();  // once more: what the first pass left over by rounding
    double length = 0;
    for (std::int64_t k = 0; k < rows; ++k) length += row[k] * row[k];
    length = std::sqrt(length);
    for (std::int64_t k = 0; k < rows; ++k) row[k] /= length;
  }
  const Strides columns_first{1, rows};
  return to(Tensor(q.storage(), {rows, columns}, columns_first, 0, DType::f64), dtype).clone();
}

}  // namespace heed::nn
