// The tiles of a matrix product for every height and width: of all kernels what takes longest to compile, and what
// matrix products and attention share.
#include <array>
#include <cstddef>
#include <utility>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/product_tile.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/product_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// Adds the products of one k, and goes on to the next.
template <class T, std::size_t rows, std::size_t vectors, bool packed>
HWY_INLINE void add_products(const T*& a, std::ptrdiff_t a_row, const T*& b, std::ptrdiff_t b_step,
                             Vec<ScalableTag<T>> (&sums)[rows][vectors]) {
  const ScalableTag<T> d;
  Vec<ScalableTag<T>> columns[vectors];
#pragma GCC unroll 2
  for (std::size_t v = 0; v < vectors; ++v) columns[v] = LoadU(d, b + v * lanes_of<T>);
#pragma GCC unroll 12
  for (std::size_t i = 0; i < rows; ++i) {
    const auto factor = Set(d, packed ? a[i] : a[static_cast<std::ptrdiff_t>(i) * a_row]);
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) sums[i][v] = MulAdd(factor, columns[v], sums[i][v]);
  }
  a += packed ? rows : 1;
  b += b_step;
}

// c = a·b + beta·c, for whole vectors of b and c.
template <class T, std::size_t rows, std::size_t vectors, bool packed>
void compute_tile(const Tile<T>& tile) {
  const ScalableTag<T> d;
  Vec<ScalableTag<T>> sums[rows][vectors];
#pragma GCC unroll 12
  for (std::size_t i = 0; i < rows; ++i)
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) sums[i][v] = Zero(d);
  const T *a = tile.a, *b = tile.b;
  const std::ptrdiff_t a_row = tile.a_row, b_step = tile.b_step;
#pragma GCC unroll 4
  for (std::size_t left = tile.k; left > 0; --left) add_products<T, rows, vectors, packed>(a, a_row, b, b_step, sums);
  T* c = tile.c;
#pragma GCC unroll 12
  for (std::size_t i = 0; i < rows; ++i, c += tile.c_row)
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) add_sums(d, sums[i][v], tile.beta, c + v * lanes_of<T>);
}

// compute_tile for every height.
template <class T, std::size_t vectors, bool packed>
constexpr auto of_height = []<std::size_t... i>(std::index_sequence<i...>) {
  return std::array<TileFunction<T>, sizeof...(i)>{compute_tile<T, i + 1, vectors, packed>...};
}(std::make_index_sequence<most_tile_rows>());

}  // namespace

template <class T>
const TileFunction<T>* tile_functions(std::size_t vectors, bool packed) {
  if (vectors == 1) return packed ? of_height<T, 1, true>.data() : of_height<T, 1, false>.data();
  return packed ? of_height<T, 2, true>.data() : of_height<T, 2, false>.data();
}
template const TileFunction<float>* tile_functions<float>(std::size_t, bool);
template const TileFunction<double>* tile_functions<double>(std::size_t, bool);

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
