#include "heed/tensor/internal/packed_matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/tiles.h"
#include "heed/tensor/internal/workspace.h"

namespace heed {
namespace {

template <class T>
kernels::StridedMatrix<T> strided(const Tensor& x) {
  return {x.data<T>(), x.strides()[0], x.strides()[1]};
}

constexpr std::int64_t numbers_a_chunk = 1 << 17;  // that a thread packs at a time

}  // namespace

PackedMatrix::PackedMatrix(const char* operation, const Tensor& b) {
  check_defined(operation, "matrix", b);
  if (b.rank() != 2)
    throw ShapeError(fmt::format("{}: matrix {} has rank {}, expected 2", operation, b.shape().str(), b.rank()));
  rows_ = b.size(0), columns_ = b.size(1);
  dispatch_float(operation, b.dtype(), [&]<class T> {
    const auto& kernel = kernels::product().of<T>();
    kernel_ = &kernel;
    const std::size_t k = to_size(rows_), n = to_size(columns_);
    numbers_ = empty({static_cast<std::int64_t>(kernel.packed_size(k, n))}, b.dtype(), operation);
    if (b.numel() == 0) return;
    T* to = numbers_.mutable_data<T>();
    const auto width = static_cast<std::int64_t>(kernel.panel_columns), panels = (columns_ + width - 1) / width;
    parallel_chunks(panels, std::max<std::int64_t>(1, numbers_a_chunk / (rows_ * width)),
                    [&](std::int64_t begin, std::int64_t end) {
                      kernel.pack(k, n, strided<T>(b), to_size(begin), to_size(end), to);
                    });
  });
}

template <class T>
void multiply(const char* operation, const Tensor& a, const PackedMatrix& b, T beta, Tensor& y) {
  const auto& kernel = *std::get<const kernels::ProductKernels<T>*>(b.kernel_);
  const std::int64_t m = y.size(0), n = b.columns(), k = b.rows(), y_row = y.strides()[0];
  if (y.numel() == 0) return;
  if (k == 0) {
    T* row = y.mutable_data<T>();
    for (std::int64_t i = 0; i < m; ++i, row += y_row)
      for (std::int64_t j = 0; j < n; ++j) row[j] = beta == 0 ? T{0} : beta * row[j];
    return;
  }
  const T* packed = b.numbers_.data<T>();
  const auto left = strided<T>(a);
  const FreeTiles tiles(m, n, k, 1, threads());
  const std::size_t numbers = tiles.greatest(m, n, [&](std::size_t rows, std::size_t columns) {
    return kernel.packed_workspace(rows, columns, to_size(k), left);
  });
  const Workspace<T> workspace(operation, numbers, to_size(tiles.chunks));
  T* to = y.mutable_data<T>();
  parallel_chunks(tiles.down * tiles.across, tiles.grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t tile = begin; tile < end; ++tile) {
      const std::int64_t row = tile / tiles.across * tiles.rows, column = tile % tiles.across * tiles.columns;
      kernel.packed_product(to_size(tiles.height(row, m)), to_size(n), to_size(k), left.at(to_size(row), 0), packed,
                            to_size(column), to_size(tiles.breadth(column, n)), beta, to + row * y_row + column, y_row,
                            workspace.part(to_size(begin / tiles.grain)));
    }
  });
}
template void multiply(const char*, const Tensor&, const PackedMatrix&, float, Tensor&);
template void multiply(const char*, const Tensor&, const PackedMatrix&, double, Tensor&);

}  // namespace heed
