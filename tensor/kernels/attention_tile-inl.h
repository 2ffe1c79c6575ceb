// What a tile of attention needs besides the arithmetic of its rows: pieces of a workspace, operands without the
// numbers that are not finite, and products of whole tiles.
//
// Each kernel file includes this once per instruction set, after <hwy/foreach_target.h>; hence no include guard.
#include <hwy/cache_control.h>

#include <cmath>

#include "heed/tensor/kernels/attention.h"
#include "heed/tensor/kernels/product_operands-inl.h"
#include "heed/tensor/kernels/row-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {

/// A workspace, or with null only its size, handed out piece by piece, each aligned to 64 bytes.
template <class T>
class Pieces {
 public:
  explicit Pieces(T* begin) : begin_(begin) {}

  T* take(std::size_t n) {
    T* const piece = begin_ == nullptr ? nullptr : begin_ + taken_;
    taken_ += round_up(n, 64 / sizeof(T));
    return piece;
  }
  std::size_t taken() const { return taken_; }

 private:
  T* begin_;
  std::size_t taken_ = 0;
};

/// From one row of a tile of scores to the next: a line more than its numbers, so that rows do not share cache sets.
template <class T>
inline constexpr std::size_t score_row = attention_keys + 64 / sizeof(T);

/// Queries and keys of a tile. Of the keys those before `keys` are seen by some query of the tile, causality allowing.
struct TilePlace {
  std::size_t query, queries, key, keys;
};

/// Query t sees keys before this one, causality allowing.
template <class T>
std::size_t causal_end(const AttentionHead<T>& head, std::size_t t) {
  const std::ptrdiff_t end = signed_of(t) + head.causal_offset + 1;
  return end <= 0 ? 0 : std::min(static_cast<std::size_t>(end), head.keys);
}

/// How many keys of a tile query t sees, causality allowing.
template <class T>
std::size_t keys_seen(const AttentionHead<T>& head, const TilePlace& tile, std::size_t t) {
  const std::size_t end = causal_end(head, t);
  return end <= tile.key ? 0 : std::min(end - tile.key, tile.keys);
}

template <class T>
StridedMatrix<T> transposed(const StridedMatrix<T>& x) {
  return {x.data, x.column, x.row};
}

/// Row i of x from column j on as n neighbours: in place or copied into `buffer`.
template <class T>
const T* row_of(const StridedMatrix<T>& x, std::size_t i, std::size_t j, std::size_t n, T* buffer) {
  const T* from = x.at(i, j).data;
  if (x.column == 1) return from;
  for (std::size_t c = 0; c < n; ++c) buffer[c] = from[signed_of(c) * x.column];
  return buffer;
}

template <class T>
bool all_finite(const StridedMatrix<T>& x, std::size_t rows, std::size_t columns) {
  const ScalableTag<T> d;
  // Whose rows are far apart, as those of a head are, the processor does not foresee.
  constexpr std::size_t ahead = 24;
  auto zeros = Zero(d);  // NaN where something was not finite
  T rest = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const T* row = x.at(i, 0).data;
    if (i + ahead < rows)
      for (std::size_t j = 0; j < columns; j += 64 / sizeof(T)) hwy::Prefetch(x.at(i + ahead, j).data);
    if (x.column == 1)
      for_row(d, columns,
              [&](std::size_t j, auto part) HWY_ATTR { zeros = Add(zeros, Mul(part.load(d, row + j), Zero(d))); });
    else
      for (std::size_t j = 0; j < columns; ++j) rest += row[signed_of(j) * x.column] * 0;
  }
  return AllTrue(d, Eq(zeros, Zero(d))) && rest == 0;
}

/// x where all of it is finite, else a copy with 0 for what is not.
template <class T>
StridedMatrix<T> finite_part(const StridedMatrix<T>& x, std::size_t rows, std::size_t columns, bool finite, T* copy) {
  if (finite) return x;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const T number = *x.at(i, j).data;
      copy[i * columns + j] = std::isfinite(number) ? number : T{0};
    }
  return {copy, signed_of(columns), 1};
}

/// The right side of a product: panels of columns, packed or those of a tile of scores.
template <class T>
struct Panels {
  const T* data;
  std::ptrdiff_t panel, step;  // from one panel to the next, from one k to the next

  static Panels packed(const T* data, std::size_t k) {
    return {data, signed_of(k * panel_columns<T>), signed_of(panel_columns<T>)};
  }
  static Panels of_scores(const T* data) { return {data, signed_of(panel_columns<T>), signed_of(score_row<T>)}; }
};

/// c [m, n] = a·b + beta·c. Whole vectors of c's rows are written. a is packed, or its rows are a_row apart.
template <class T, bool packed>
void multiply(std::size_t m, std::size_t n, std::size_t k, const T* a, std::ptrdiff_t a_row, const Panels<T>& b, T beta,
              T* c, std::size_t c_row) {
  if (m == 0) return;
  const RowTiles tiles(m);
  const std::size_t a_step = packed ? k : static_cast<std::size_t>(a_row);
  for (std::size_t j = 0; j < n; j += panel_columns<T>) {
    const TileFunction<T>* const of_height = tile_functions<T>(n - j > lanes_of<T> ? 2 : 1, packed);
    Tile<T> tile{.a = a,
                 .a_row = a_row,
                 .b = b.data + signed_of(j / panel_columns<T>) * b.panel,
                 .b_step = b.step,
                 .k = k,
                 .beta = beta,
                 .c = c + j,
                 .c_row = signed_of(c_row)};
    for (std::size_t t = 0; t < tiles.count; ++t) {
      const std::size_t rows = tiles.rows(t);
      of_height[rows - 1](tile);
      tile.a += rows * a_step;
      tile.c += rows * c_row;
    }
  }
}

/// The pairs of a tile that are seen, where that matters: where something is not finite.
struct SeenPairs {
  bool seen[attention_queries][attention_keys];
};

/// Adds what the products of a tile have left out: weight·x for the pairs that are seen and the numbers of x, a row for
/// each key or for each query, that are not finite. The sums of a key or a query are to[i·to_row + j·to_column].
template <class T>
void add_not_finite(const TilePlace& tile, const SeenPairs& pairs, const T* weights, const StridedMatrix<T>& x,
                    bool of_keys, std::size_t columns, T scale, T* to, std::size_t to_row, std::size_t to_column) {
  for (std::size_t t = 0; t < tile.queries; ++t)
    for (std::size_t s = 0; s < tile.keys; ++s) {
      if (!pairs.seen[t][s]) continue;
      const std::size_t from_row = of_keys ? s : t, sum_row = of_keys ? t : s;
      for (std::size_t j = 0; j < columns; ++j) {
        const T number = *x.at(from_row, j).data * scale;
        if (!std::isfinite(number)) to[sum_row * to_row + j * to_column] += weights[t * score_row<T> + s] * number;
      }
    }
}

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
