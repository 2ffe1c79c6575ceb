// Both operands of a product in the order in which its tiles read them: a by tiles of rows, b by panels of columns.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include "heed/tensor/kernels/product_pack-inl.h"
#include "heed/tensor/kernels/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

constexpr std::size_t round_up(std::size_t n, std::size_t multiple) { return (n + multiple - 1) / multiple * multiple; }
constexpr std::ptrdiff_t signed_of(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }

/// The heights of m rows' tiles differ by one at most: a last tile of a row or two would leave the units idle.
struct RowTiles {
  std::size_t count, height, higher;  // the first `higher` tiles have a row more

  explicit RowTiles(std::size_t m)
      : count((m + most_tile_rows - 1) / most_tile_rows), height(m / count), higher(m % count) {}
  std::size_t rows(std::size_t tile) const { return height + (tile < higher); }
};

/// The rows of a, tile by tile.
template <class T>
void pack_left(const StridedMatrix<T>& a, std::size_t m, std::size_t k, T* to) {
  const RowTiles tiles(m);
  for (std::size_t tile = 0, i = 0; tile < tiles.count; i += tiles.rows(tile++)) {
    const std::size_t rows = tiles.rows(tile);
    pack<T>({a.at(i, 0).data, a.row, a.column, rows, k}, to + i * k, signed_of(rows));
  }
}

/// One panel of b's columns; the columns that are missing at the end become 0.
template <class T>
void pack_panel(const StridedMatrix<T>& b, std::size_t columns, std::size_t k, T* to) {
  constexpr std::size_t pitch = panel_columns<T>;
  pack<T>({b.data, b.column, b.row, columns, k}, to, signed_of(pitch));
  if (columns < pitch)
    for (std::size_t p = 0; p < k; ++p) std::fill(to + p * pitch + columns, to + (p + 1) * pitch, T{0});
}

/// The columns of b, panel by panel.
template <class T>
void pack_right(const StridedMatrix<T>& b, std::size_t n, std::size_t k, T* to) {
  for (std::size_t j = 0; j < n; j += panel_columns<T>)
    pack_panel(b.at(0, j), std::min(panel_columns<T>, n - j), k, to + j * k);
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
