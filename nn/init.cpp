#include "heed/nn/init.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::nn {

Tensor fan_in_uniform(Generator& generator, const Shape& shape, std::int64_t fan_in, DType dtype) {
  if (fan_in < 0) throw ShapeError(fmt::format("fan_in_uniform: fan_in is {}", fan_in));
  const double bound = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(fan_in, 1)));
  return uniform(generator, shape, -bound, bound, dtype);
}

Tensor orthogonal(Generator& generator, std::int64_t rows, std::int64_t columns, DType dtype) {
  if (columns < 0) throw ShapeError(fmt::format("orthogonal: {} columns", columns));
  if (rows < columns)
    throw ShapeError(fmt::format("orthogonal: {} rows cannot hold {} orthonormal columns", rows, columns));
  Tensor q = normal(generator, {columns, rows}, 0, 1, DType::f64);  // the columns, as rows, while they are worked on
  for (std::int64_t i = 0; i < columns; ++i) {
    const Tensor done = slice(q, 0, 0, i);
    Tensor row = slice(q, 0, i, i + 1);
    // Gram-Schmidt, twice: the second pass removes what the first left over by rounding.
    for (int pass = 0; pass < 2; ++pass) add_scaled(row, matmul(matmul(row, mT(done)), done), -1);
    copy_from(row, row / norm(row));
  }
  const Strides columns_first{1, rows};
  return to(Tensor(q.storage(), {rows, columns}, columns_first, 0, DType::f64), dtype).clone();
}

}  // namespace heed::nn
