// The inner part of a matrix product: a tile of a few rows and up to two vectors of columns whose sums stay in
// registers while it goes through one block of k. Every sum is one chain of fused multiply-adds in the order of k that
// begins at 0, whatever the tile's height and width and however its operands lie.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include <array>
#include <cstddef>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
using namespace hwy::HWY_NAMESPACE;

template <class T>
inline constexpr std::size_t lanes_of = MaxLanes(ScalableTag<T>());

/// The columns of a panel of b: two vectors.
template <class T>
inline constexpr std::size_t panel_columns = 2 * lanes_of<T>;

/// Together with a panel's columns and one number of a, the sums of the highest tile fill the registers: 16 of them, or
/// 32 with AVX-512 and on arm64.
inline constexpr std::size_t most_tile_rows = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON ? 12 : 6;

template <class T>
struct Tile {
  const T* a;             // its first row; the numbers of a row are neighbours, or when it is packed those of equal k
  std::ptrdiff_t a_row;   // from one row to the next, when it is not packed
  const T* b;             // the first of its columns, which are neighbours
  std::ptrdiff_t b_step;  // to those of the next k
  std::size_t k;
  T beta;  // with 0, c is not read
  T* c;
  std::ptrdiff_t c_row;
};

/// c = sums + beta·c for one vector.
template <class D>
HWY_INLINE void add_sums(D d, Vec<D> sums, TFromD<D> beta, TFromD<D>* c) {
  if (beta != 0) sums = MulAdd(Set(d, beta), LoadU(d, c), sums);
  StoreU(sums, d, c);
}

/// The same for n numbers. The last of them one by one, which is no slower than a masked store (Zen 3).
template <class T>
HWY_INLINE void add_row(const T* sums, std::size_t n, T beta, T* c) {
  const ScalableTag<T> d;
  const CappedTag<T, 1> one;
  std::size_t j = 0;
  for (; j + Lanes(d) <= n; j += Lanes(d)) add_sums(d, LoadU(d, sums + j), beta, c + j);
  for (; j < n; ++j) add_sums(one, LoadU(one, sums + j), beta, c + j);
}

/// Adds the products of one k, and goes on to the next.
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

/// c = a·b + beta·c, for whole vectors of b and c.
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

/// compute_tile for every height: [height - 1].
template <class T, std::size_t vectors, bool packed>
inline constexpr auto tiles_of_height = []<std::size_t... i>(std::index_sequence<i...>) {
  return std::array<void (*)(const Tile<T>&), sizeof...(i)>{compute_tile<T, i + 1, vectors, packed>...};
}(std::make_index_sequence<most_tile_rows>());

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
