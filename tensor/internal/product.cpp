#include "heed/tensor/internal/product.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/blas.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/rows.h"
#include "heed/tensor/internal/tiles.h"
#include "heed/tensor/internal/workspace.h"
#include "heed/tensor/kernels/product.h"
#include "heed/tensor/kernels/vector_product.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/runtime.h"

namespace heed {
namespace {

std::atomic<bool> only_ours{false};

struct Sizes {
  std::int64_t m, n, k;

  bool is_vector() const { return m == 1 || n == 1; }
  bool is_for_blas() const {
    return std::min(m, n) >= 256 && k > static_cast<std::int64_t>(kernels::product_block_k) && !reproducible();
  }
};

// x with the leading axes `batch`.
Tensor stacked(const Tensor& x, const Shape& batch) {
  if (batch.rank() == 0) return x;
  Shape shape = batch;
  shape.push_back(x.size(-2));
  shape.push_back(x.size(-1));
  return expand(x, shape);
}

template <class Axes>
Axes leading(const Axes& all) {
  Axes batch = all;
  batch.erase(batch.rank() - 1);
  batch.erase(batch.rank() - 1);
  return batch;
}

// Where the matrices of two stacks begin.
class Places {
 public:
  Places(const Tensor& a, const Tensor& b) {
    if (a.rank() > 2) rows_.emplace(leading(a.shape()), std::array{leading(a.strides()), leading(b.strides())});
  }

  std::array<std::int64_t, 2> of(std::int64_t matrix) const {
    std::array<std::int64_t, 2> offsets{};
    if (rows_) rows_->visit(matrix, matrix + 1, [&](const auto& found, std::int64_t) { offsets = found; });
    return offsets;
  }

 private:
  std::optional<Rows<2>> rows_;
};

// Calls body(matrix, tile's first row, its first column, chunk) for every tile of `count` products, on all threads.
template <class Body>
void each_tile(std::int64_t count, const Grid& grid, std::int64_t grain, const Body& body) {
  const std::int64_t per_product = grid.down * grid.across;
  parallel_chunks(count * per_product, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile) {
      const std::int64_t place = tile % per_product;
      body(tile / per_product, place / grid.across * grid.rows, place % grid.across * grid.columns, begin / grain);
    }
  });
}

template <class T>
kernels::StridedMatrix<T> strided(const Tensor& x, std::int64_t offset = 0) {
  return {x.data<T>() + offset, x.strides()[x.rank() - 2], x.strides()[x.rank() - 1]};
}

template <class T>
void multiply_by_kernel(const char* operation, const Sizes& s, const Tensor& a, const Tensor& b, T beta, Tensor& y) {
  const auto& kernel = kernels::product().of<T>();
  const std::int64_t count = y.numel() / (s.m * s.n);
  const FreeTiles tiles(s.m, s.n, s.k, count, threads());
  const std::size_t numbers = tiles.greatest(s.m, s.n, [&](std::size_t m, std::size_t n) {
    return kernel.workspace(m, n, to_size(s.k), strided<T>(a), strided<T>(b));
  });
  const Workspace<T> workspace(operation, numbers, to_size(tiles.chunks));
  const Places places(a, b);
  T* to = y.mutable_data<T>();
  each_tile(
      count, tiles, tiles.grain, [&](std::int64_t matrix, std::int64_t row, std::int64_t column, std::int64_t chunk) {
        const auto offset = places.of(matrix);
        kernel.product(to_size(tiles.height(row, s.m)), to_size(tiles.breadth(column, s.n)), to_size(s.k),
                       strided<T>(a, offset[0]).at(to_size(row), 0), strided<T>(b, offset[1]).at(0, to_size(column)),
                       beta, to + (matrix * s.m + row) * s.n + column, s.n, workspace.part(to_size(chunk)));
      });
}

// A stack of matrices whose layout BLAS can read: one of the last two axes has stride 1 and the other does not overlap
// it; else it is copied. One row or column counts as lying by rows, so that its strides do not choose between ways of
// multiplying, and is contiguous.
struct BatchedMatrix {
  Tensor x;
  bool transposed = false;
  std::int64_t stride = 1;

  BatchedMatrix(const char* operation, const Tensor& input, const Shape& batch) : x(input) {
    if (!fits()) {
      x = empty(input.shape(), input.dtype(), operation);
      copy_from(x, input);
      fits();
    }
    x = stacked(x, batch);  // repeated only now
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

// c = a·b + beta·c for a single row, or a single column, which are contiguous.
template <class T>
void vector_product(const Sizes& s, bool by_column, const MatrixView<T>& a, const MatrixView<T>& b, T beta, T* c,
                    std::int64_t c_row) {
  const auto& kernel = kernels::vector_product().of<T>();
  if (by_column) {
    if (a.transposed)
      kernel.row_times_matrix(b.data, a.data, to_size(a.stride), to_size(s.k), to_size(s.m), beta, c, to_size(c_row));
    else
      kernel.matrix_times_column(a.data, to_size(a.stride), b.data, to_size(s.m), to_size(s.k), beta, c,
                                 to_size(c_row));
  } else {
    if (b.transposed)
      kernel.matrix_times_column(b.data, to_size(b.stride), a.data, to_size(s.n), to_size(s.k), beta, c, 1);
    else
      kernel.row_times_matrix(a.data, b.data, to_size(b.stride), to_size(s.k), to_size(s.n), beta, c, 1);
  }
}

template <class T>
void multiply_vectors(const Sizes& s, const BatchedMatrix& a, const BatchedMatrix& b, T beta, Tensor& y) {
  const std::int64_t count = y.numel() / (s.m * s.n);
  const FreeTiles tiles(s.m, s.n, s.k, count, threads());
  const Places places(a.x, b.x);
  T* to = y.mutable_data<T>();
  each_tile(count, tiles, tiles.grain, [&](std::int64_t matrix, std::int64_t row, std::int64_t column, std::int64_t) {
    const auto offset = places.of(matrix);
    const Sizes part{tiles.height(row, s.m), tiles.breadth(column, s.n), s.k};
    vector_product(part, s.n == 1, a.at<T>(offset[0], row, 0), b.at<T>(offset[1], 0, column), beta,
                   to + (matrix * s.m + row) * s.n + column, s.n);
  });
}

template <class T>
void multiply_by_blas(const Sizes& s, const BatchedMatrix& a, const BatchedMatrix& b, T beta, Tensor& y) {
  const BlasTiles tiles(s.m, s.n);
  const Places places(a.x, b.x);
  T* to = y.mutable_data<T>();
  const OneBlasThread one_thread;
  each_tile(y.numel() / (s.m * s.n), tiles, 1,
            [&](std::int64_t matrix, std::int64_t row, std::int64_t column, std::int64_t) {
              const auto offset = places.of(matrix);
              gemm(tiles.height(row, s.m), tiles.breadth(column, s.n), s.k, a.at<T>(offset[0], row, 0),
                   b.at<T>(offset[1], 0, column), beta, to + (matrix * s.m + row) * s.n + column, s.n);
            });
}

}  // namespace

void set_reproducible(bool on) { only_ours = on; }
bool reproducible() { return only_ours.load(std::memory_order_relaxed); }

template <class T>
void multiply(const char* operation, const Tensor& a, const Tensor& b, T beta, Tensor& y) {
  const Sizes s{y.size(-2), y.size(-1), a.size(-1)};
  const Shape batch = leading(y.shape());
  if (!s.is_vector() && !s.is_for_blas())
    return multiply_by_kernel(operation, s, stacked(a, batch), stacked(b, batch), beta, y);
  const BatchedMatrix left(operation, a, batch), right(operation, b, batch);
  s.is_vector() ? multiply_vectors(s, left, right, beta, y) : multiply_by_blas(s, left, right, beta, y);
}
template void multiply(const char*, const Tensor&, const Tensor&, float, Tensor&);
template void multiply(const char*, const Tensor&, const Tensor&, double, Tensor&);

}  // namespace heed
