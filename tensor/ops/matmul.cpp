#include "heed/tensor/ops/matmul.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/blas.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/rows.h"
#include "heed/tensor/internal/tiles.h"
#include "heed/tensor/kernels/vector_product.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed {
namespace {

Tensor copy(const char* operation, const Tensor& x) {  // like clone(), which would name itself when memory ends
  Tensor y = empty(x.shape(), x.dtype(), operation);
  copy_from(y, x);
  return y;
}

// A stack of matrices that can be read in place: one of the last two axes has stride 1 and the other does not overlap
// it. One row or column counts as lying by rows, so that its strides do not choose between ways of multiplying, and is
// contiguous.
struct BatchedMatrix {
  Tensor x;
  bool transposed = false;
  std::int64_t stride = 1;

  BatchedMatrix(const char* operation, const Tensor& input) : x(input) {
    if (fits()) return;
    x = copy(operation, input);
    fits();
  }

  template <class T>
  MatrixView<T> at(std::int64_t offset, std::int64_t row, std::int64_t column) const {
    const std::int64_t rows = x.strides()[x.rank() - 2], columns = x.strides()[x.rank() - 1];
    return {x.data<T>() + offset + row * rows + column * columns, stride, transposed};
  }

 private:
  bool fits() {
    const std::int64_t m = x.size(-2), n = x.size(-1);
    const std::int64_t row = x.strides()[x.rank() - 2], column = x.strides()[x.rank() - 1];
    const bool by_rows = (column == 1 || n == 1) && (m == 1 || row >= n);  // elements of a row side by side, rows apart
    transposed = !by_rows;
    stride = transposed ? column : m == 1 ? std::max<std::int64_t>(n, 1) : row;
    if (transposed) return row == 1 && m > 1 && column >= m;  // the same of columns
    return n > 1 || m == 1 || row == 1;                       // a single column is contiguous
  }
};

// c [m, n] = a [m, k] · b [k, n] + beta·c, where row i of c starts at c + i·c_stride. A single row or column does not
// go to BLAS: gemm would first repack the matrix, and gemv's bits vary with strides and with where the numbers begin.
// Both are contiguous (BatchedMatrix).
template <class T>
void product(std::int64_t m, std::int64_t n, std::int64_t k, const MatrixView<T>& a, const MatrixView<T>& b, T beta,
             T* c, std::int64_t c_stride) {
  const auto& kernel = kernels::vector_product<T>();
  if (n == 1) {
    if (a.transposed)
      kernel.row_times_matrix(b.data, a.data, to_size(a.stride), to_size(k), to_size(m), beta, c, to_size(c_stride));
    else
      kernel.matrix_times_column(a.data, to_size(a.stride), b.data, to_size(m), to_size(k), beta, c, to_size(c_stride));
  } else if (m == 1) {
    if (b.transposed)
      kernel.matrix_times_column(b.data, to_size(b.stride), a.data, to_size(n), to_size(k), beta, c, 1);
    else
      kernel.row_times_matrix(a.data, b.data, to_size(b.stride), to_size(k), to_size(n), beta, c, 1);
  } else {
    gemm(m, n, k, a, b, beta, c, c_stride);
  }
}

// y = a·b + beta·y for stacks of matrices with equal leading axes (strides may be 0); y is row-major.
template <class T>
void batched_gemm(const char* operation, const Tensor& lhs, const Tensor& rhs, T beta, Tensor& y) {
  const BatchedMatrix a(operation, lhs), b(operation, rhs);
  const std::int64_t m = y.size(-2), n = y.size(-1), k = lhs.size(-1);
  Shape batch = y.shape();
  Strides a_batch = a.x.strides(), b_batch = b.x.strides();
  for (int i = 0; i < 2; ++i) {
    batch.erase(batch.rank() - 1);
    a_batch.erase(a_batch.rank() - 1);
    b_batch.erase(b_batch.rank() - 1);
  }
  const Rows<2> places(batch, {a_batch, b_batch});  // of whole matrices: visit(i, i + 1, …) says where the i-th begin
  const Tiles tiles(m, n, k);
  const std::int64_t per_product = tiles.down * tiles.across;
  const double work = 2.0 * static_cast<double>(tiles.rows * tiles.columns) * static_cast<double>(k);
  const auto grain = static_cast<std::int64_t>(std::clamp(1e6 / work, 1.0, 1e6));
  T* to = y.mutable_data<T>();
  const OneBlasThread one_thread;
  // Calls the body for [begin, end) = [0, grain), [grain, 2·grain), …, on all threads.
  parallel_chunks(batch.numel() * per_product, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile) {
      const std::int64_t matrix = tile / per_product, place = tile % per_product;
      const std::int64_t row = place / tiles.across * tiles.rows, column = place % tiles.across * tiles.columns;
      places.visit(matrix, matrix + 1, [&](const auto& offset, std::int64_t) {
        product(tiles.height(row, m), tiles.breadth(column, n), k, a.at<T>(offset[0], row, 0),
                b.at<T>(offset[1], 0, column), beta, to + (matrix * m + row) * n + column, n);
      });
    }
  });
}

Shape leading(const Shape& shape) {
  Shape batch = shape;
  batch.erase(batch.rank() - 1);
  batch.erase(batch.rank() - 1);
  return batch;
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_defined("matmul", "lhs", a);
  check_defined("matmul", "rhs", b);
  check_same_dtype("matmul", a.dtype(), b.dtype());
  if (a.rank() == 0 || b.rank() == 0)
    throw ShapeError(fmt::format("matmul: needs rank 1 or more: lhs {}, rhs {}", a.shape().str(), b.shape().str()));
  const int inner = b.rank() == 1 ? -1 : -2;
  if (a.size(-1) != b.size(inner))
    throw ShapeError(fmt::format("matmul: inner sizes differ: lhs {} axis -1 = {}, rhs {} axis {} = {}",
                                 a.shape().str(), a.size(-1), b.shape().str(), inner, b.size(inner)));
  if (a.rank() == 1) return squeeze(matmul(unsqueeze(a, 0), b), b.rank() == 1 ? 0 : -2);
  if (b.rank() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  check_blas_sizes(1, b.size(-1), a.size(-1), b.size(-1));  // rows are cut into tiles, columns have a stride
  if (a.rank() > 2 && b.rank() == 2) {
    Shape shape = a.shape();
    shape[shape.rank() - 1] = b.size(-1);
    return reshape(matmul(flatten_rows(a), b), shape);
  }
  const Shape batch = broadcast("matmul: leading axes", leading(a.shape()), leading(b.shape()));
  const auto stacked = [&](const Tensor& x) {  // copied, where BLAS cannot read it, before expand repeats it
    Shape shape = batch;
    shape.push_back(x.size(-2));
    shape.push_back(x.size(-1));
    return expand(BatchedMatrix("matmul", x).x, shape);
  };
  Shape shape = batch;
  shape.push_back(a.size(-2));
  shape.push_back(b.size(-1));
  return dispatch_float("matmul", a.dtype(), [&]<class T> {
    if (a.size(-1) == 0) return zeros(shape, a.dtype());
    Tensor y = empty(shape, a.dtype(), "matmul");
    if (y.numel() > 0) batched_gemm<T>("matmul", stacked(a), stacked(b), 0, y);
    return y;
  });
}

void add_matmul(Tensor& y, const Tensor& a, const Tensor& b) {
  check_defined("add_matmul", "target", y);
  check_defined("add_matmul", "lhs", a);
  check_defined("add_matmul", "rhs", b);
  check_same_dtype("add_matmul", a.dtype(), b.dtype());
  check_same_dtype("add_matmul", y.dtype(), a.dtype());
  check_shapes("add_matmul", {{"lhs", a, "M K"}, {"rhs", b, "K N"}, {"target", y, "M N"}});
  if (!y.is_contiguous()) throw ShapeError(fmt::format("add_matmul: the target {} is not contiguous", y.shape().str()));
  check_blas_sizes(1, b.size(1), a.size(1), b.size(1));
  dispatch_float("add_matmul", y.dtype(), [&]<class T> {
    const auto apart = [&](const Tensor& x) { return overlap(x, y) == Overlap::none ? x : copy("add_matmul", x); };
    if (y.numel() > 0 && a.size(1) > 0) batched_gemm<T>("add_matmul", apart(a), apart(b), 1, y);
  });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_defined("linear", "x", x);
  check_defined("linear", "weight", weight);
  check_same_dtype("linear", x.dtype(), weight.dtype());
  if (!is_float(x.dtype())) throw_dtype("linear", x.dtype(), "f32 or f64");
  if (bias.defined()) check_same_dtype("linear", x.dtype(), bias.dtype());
  check_shapes("linear", {{"x", x, ".. I"}, {"weight", weight, "O I"}, {"bias", bias, "O", true}});
  Shape shape = x.shape();
  shape[shape.rank() - 1] = weight.size(0);
  if (!bias.defined()) return reshape(matmul(flatten_rows(x), mT(weight)), shape);
  check_blas_sizes(1, weight.size(0), weight.size(1), weight.size(0));
  const Tensor rows = flatten_rows(x);
  return dispatch_float("linear", x.dtype(), [&]<class T> {
    Tensor y = copy("linear", expand(bias, {rows.size(0), weight.size(0)}));
    if (y.numel() > 0 && x.size(-1) > 0) batched_gemm<T>("linear", rows, mT(weight), 1, y);
    return reshape(y, shape);
  });
}

}  // namespace heed
