#include "heed/tensor/kernels/product.h"

#include <algorithm>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/product_operands-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

constexpr std::size_t block_k = product_block_k;

// A block of a: its rows in place (neighbours along k), or packed tile by tile.
template <class T>
struct Left {
  const T* data;
  std::ptrdiff_t row;
  bool packed;
};

// A block of b, panel by panel: the first so many in place (neighbours along a row), the others packed.
template <class T>
struct Right {
  const T* data;
  std::ptrdiff_t row;
  std::size_t in_place;
  const T* packed;
};

// c = a·b + beta·c for one block of a and one panel of b, of which c has so many columns.
template <class T, std::size_t vectors, bool packed>
void multiply_panel(std::size_t m, const Left<T>& a, Tile<T> tile, std::size_t columns) {
  constexpr std::size_t width = vectors * lanes_of<T>;
  const RowTiles tiles(m);
  const std::ptrdiff_t a_step = packed ? signed_of(tile.k) : a.row, c_row = tile.c_row;
  const TileFunction<T>* const of_height = tile_functions<T>(vectors, packed);
  const T beta = tile.beta;
  T* const c = tile.c;
  HWY_ALIGN T sums[most_tile_rows * width];
  if (columns < width) tile.c = sums, tile.c_row = signed_of(width), tile.beta = 0;
  for (std::size_t t = 0, i = 0; t < tiles.count; i += tiles.rows(t++)) {
    T* const to = c + signed_of(i) * c_row;
    tile.a = a.data + signed_of(i) * a_step;
    if (columns == width) tile.c = to;
    of_height[tiles.rows(t) - 1](tile);
    if (columns == width) continue;
    for (std::size_t r = 0; r < tiles.rows(t); ++r) add_row(sums + r * width, columns, beta, to + signed_of(r) * c_row);
  }
}

// The same for one block of b.
template <class T>
void multiply_block(std::size_t m, std::size_t n, std::size_t k, const Left<T>& a, const Right<T>& b, T beta, T* c,
                    std::ptrdiff_t c_row) {
  for (std::size_t j = 0, panel = 0; j < n; j += panel_columns<T>, ++panel) {
    const bool in_place = panel < b.in_place;
    const std::size_t columns = std::min(panel_columns<T>, n - j);
    const Tile<T> tile{.a = nullptr,
                       .a_row = a.row,
                       .b = in_place ? b.data + j : b.packed + (panel - b.in_place) * panel_columns<T> * k,
                       .b_step = in_place ? b.row : signed_of(panel_columns<T>),
                       .k = k,
                       .beta = beta,
                       .c = c + j,
                       .c_row = c_row};
    if (columns > lanes_of<T>)
      a.packed ? multiply_panel<T, 2, true>(m, a, tile, columns) : multiply_panel<T, 2, false>(m, a, tile, columns);
    else
      a.packed ? multiply_panel<T, 1, true>(m, a, tile, columns) : multiply_panel<T, 1, false>(m, a, tile, columns);
  }
}

// How a product is computed. Nothing of it changes a bit.
template <class T>
struct Plan {
  // A block of a, 144 KiB of f32, stays in a second-level cache, one of b in the third.
  static constexpr std::size_t block_rows = 96, block_columns = 4096 / sizeof(T);
  static constexpr std::size_t swapped_columns = 48;

  std::size_t m, n, k;  // k: of a block
  bool swapped, a_in_place, b_in_place;

  Plan(std::size_t rows, std::size_t columns, std::size_t terms, const StridedMatrix<T>& a, const StridedMatrix<T>& b)
      : m(rows),
        n(columns),
        k(std::min(terms, block_k)),
        // cᵀ = bᵀ·aᵀ where the columns of b are contiguous and a has few rows: b is read in place, as rows on the left.
        swapped(b.row == 1 && b.column != 1 && rows >= lanes_of<T> && rows <= 64),
        // Packing pays when what was packed is read several times.
        a_in_place(a.column == 1 && columns <= 4 * panel_columns<T>),
        b_in_place(b.column == 1 && rows <= (shares_cache_sets(b.row) ? 16 : 64)) {}

  // Rows 2048·i bytes apart share few sets of the first-level cache: what is read in place would not stay there.
  static bool shares_cache_sets(std::ptrdiff_t row) { return row * signed_of(sizeof(T)) % 2048 == 0; }

  std::size_t rows_packed() const { return swapped ? round_up(m, panel_columns<T>) : std::min(m, block_rows); }
  std::size_t columns_packed() const {
    if (b_in_place) return n % panel_columns<T> == 0 ? 0 : panel_columns<T>;
    return round_up(std::min(n, block_columns), panel_columns<T>);
  }
  std::size_t part_columns() const { return std::min(n, swapped_columns); }
  std::size_t left_size() const { return a_in_place && !swapped ? 0 : round_up(rows_packed() * k, 64 / sizeof(T)); }
  std::size_t right_size() const { return swapped ? part_columns() * (rows_packed() + m) : columns_packed() * k; }
};

// See Plan::swapped: cᵀ is computed some rows at a time, in the cache, and transposed into c.
template <class T>
void swapped_product(const Plan<T>& plan, std::size_t k, const StridedMatrix<T>& a, const StridedMatrix<T>& b, T beta,
                     T* c, std::ptrdiff_t c_row, T* workspace) {
  const std::size_t m = plan.m, pitch = plan.rows_packed();
  T *const packed = workspace, *const part = workspace + plan.left_size(),
           *const turned = part + plan.part_columns() * pitch;
  for (std::size_t p = 0; p < k; p += block_k, beta = 1) {
    const std::size_t terms = std::min(block_k, k - p);
    pack_right<T>({a.at(0, p).data, a.column, a.row}, m, terms, packed);
    for (std::size_t j = 0; j < plan.n; j += plan.part_columns()) {
      const std::size_t columns = std::min(plan.part_columns(), plan.n - j);
      multiply_block<T>(columns, pitch, terms, {b.at(p, j).data, b.column, false}, {nullptr, 0, 0, packed}, 0, part,
                        signed_of(pitch));
      const Panel<T> sums{part, signed_of(pitch), 1, columns, m};
      if (beta == 0) {
        pack(sums, c + j, c_row);
      } else {
        pack(sums, turned, signed_of(columns));
        for (std::size_t i = 0; i < m; ++i) add_row(turned + i * columns, columns, beta, c + signed_of(i) * c_row + j);
      }
    }
  }
}

template <class T>
Left<T> left_block(const StridedMatrix<T>& a, bool in_place, std::size_t m, std::size_t k, T* workspace) {
  if (in_place) return {a.data, a.row, false};
  pack_left(a, m, k, workspace);
  return {workspace, 0, true};
}

template <class T>
Right<T> right_block(const StridedMatrix<T>& b, bool in_place, std::size_t n, std::size_t k, T* workspace) {
  const std::size_t panels = in_place ? n / panel_columns<T> : 0, packed_from = panels * panel_columns<T>;
  pack_right(b.at(0, packed_from), n - packed_from, k, workspace);
  return {b.data, b.row, panels, workspace};
}

template <class T>
void product(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, StridedMatrix<T> b, T beta, T* c,
             std::ptrdiff_t c_row, T* workspace) {
  const Plan<T> plan(m, n, k, a, b);
  if (plan.swapped) return swapped_product(plan, k, a, b, beta, c, c_row, workspace);
  T* const right_space = workspace + plan.left_size();
  const std::size_t block_columns = plan.b_in_place ? n : plan.block_columns;
  for (std::size_t p = 0; p < k; p += block_k, beta = 1) {
    const std::size_t terms = std::min(block_k, k - p);
    for (std::size_t j = 0; j < n; j += block_columns) {
      const std::size_t columns = std::min(block_columns, n - j);
      const Right<T> right = right_block(b.at(p, j), plan.b_in_place, columns, terms, right_space);
      for (std::size_t i = 0; i < m; i += plan.block_rows) {
        const std::size_t rows = std::min(plan.block_rows, m - i);
        const Left<T> left = left_block(a.at(i, p), plan.a_in_place, rows, terms, workspace);
        multiply_block(rows, columns, terms, left, right, beta, c + signed_of(i) * c_row + j, c_row);
      }
    }
  }
}

template <class T>
std::size_t workspace(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, StridedMatrix<T> b) {
  const Plan<T> plan(m, n, k, a, b);
  return plan.left_size() + plan.right_size();
}

// A packed matrix: for each block of k its panels, one after the other.
template <class T>
std::size_t packed_size(std::size_t k, std::size_t n) {
  return k * round_up(n, panel_columns<T>);
}

template <class T>
void pack_matrix(std::size_t k, std::size_t n, const StridedMatrix<T>& b, std::size_t first_panel,
                 std::size_t end_panel, T* packed) {
  const std::size_t begin = first_panel * panel_columns<T>, end = std::min(n, end_panel * panel_columns<T>);
  for (std::size_t p = 0; p < k; p += block_k) {
    const std::size_t terms = std::min(block_k, k - p);
    pack_right(b.at(p, begin), end - begin, terms, packed + p * round_up(n, panel_columns<T>) + begin * terms);
  }
}

template <class T>
std::size_t packed_workspace(std::size_t m, std::size_t columns, std::size_t k, const StridedMatrix<T>& a) {
  return Plan<T>(m, columns, k, a, {nullptr, 0, 0}).left_size();
}

template <class T>
void packed_product(std::size_t m, std::size_t n, std::size_t k, const StridedMatrix<T>& a, const T* packed,
                    std::size_t first_column, std::size_t columns, T beta, T* c, std::ptrdiff_t c_row, T* workspace) {
  const Plan<T> plan(m, columns, k, a, {nullptr, 0, 0});
  for (std::size_t p = 0; p < k; p += block_k, beta = 1) {
    const std::size_t terms = std::min(block_k, k - p);
    const T* panels = packed + p * round_up(n, panel_columns<T>) + first_column * terms;
    for (std::size_t i = 0; i < m; i += plan.block_rows) {
      const std::size_t rows = std::min(plan.block_rows, m - i);
      const Left<T> left = left_block(a.at(i, p), plan.a_in_place, rows, terms, workspace);
      multiply_block<T>(rows, columns, terms, left, {nullptr, 0, 0, panels}, beta, c + signed_of(i) * c_row, c_row);
    }
  }
}

template <class T>
constexpr ProductKernels<T> table{.product = product<T>,
                                  .workspace = workspace<T>,
                                  .panel_columns = panel_columns<T>,
                                  .packed_size = packed_size<T>,
                                  .pack = pack_matrix<T>,
                                  .packed_product = packed_product<T>,
                                  .packed_workspace = packed_workspace<T>};

}  // namespace

Tables<ProductKernels> product_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(product_tables);

Tables<ProductKernels> product() { return HWY_DYNAMIC_DISPATCH(product_tables)(); }

}  // namespace heed::kernels
#endif
