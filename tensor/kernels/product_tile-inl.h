// The inner part of a matrix product: a tile of a few rows and up to two vectors of columns whose sums stay in
// registers while it goes through one block of k. Every sum is one chain of fused multiply-adds in the order of k that
// begins at 0, whatever the tile's height and width and however its operands lie.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/highway.h>

#include <cstddef>

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

/// c = a·b + beta·c for whole vectors of b and c.
template <class T>
using TileFunction = void (*)(const Tile<T>&);

/// For tiles of so many vectors of columns, one or two, by their height: [rows - 1]. Compiled in product_tile.cpp.
template <class T>
const TileFunction<T>* tile_functions(std::size_t vectors, bool packed);
extern template const TileFunction<float>* tile_functions<float>(std::size_t, bool);
extern template const TileFunction<double>* tile_functions<double>(std::size_t, bool);

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
