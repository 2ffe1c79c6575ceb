// How a matrix product is cut into pieces for the threads.
#pragma once

#include <algorithm>
#include <cstdint>

namespace heed {

/// The tiles of a product [m, k]·[k, n]. They depend on the sizes alone, so the bits do not depend on the number of
/// threads.
struct Tiles {
  std::int64_t rows, columns;         // of one tile
  std::int64_t down = 1, across = 1;  // number of tiles

  Tiles(std::int64_t m, std::int64_t n, std::int64_t k) : rows(m), columns(n) {
    // BLAS packs both operands anew for every tile: tiles below 64 x 128 spend their time there, and beyond sixteen a
    // tile must be large to be worth it. Below 2 MFLOP a second thread gains nothing.
    constexpr std::int64_t least_rows = 64, least_columns = 128;
    const double flops = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    const double wanted = std::min(flops / 2e6, std::clamp(flops / 128e6, 16.0, 256.0));
    while (static_cast<double>(2 * down * across) <= wanted) {  // the longer side of a tile is halved
      const bool can_cut_rows = rows >= 2 * least_rows, can_cut_columns = columns >= 2 * least_columns;
      if (can_cut_rows && (rows >= columns || !can_cut_columns))
        rows = part(m, down *= 2);
      else if (can_cut_columns)
        columns = part(n, across *= 2);
      else
        break;
    }
    down = number(m, rows);
    across = number(n, columns);
  }

  // How far the tile that begins here reaches.
  std::int64_t height(std::int64_t row, std::int64_t m) const { return row / rows + 1 == down ? m - row : rows; }
  std::int64_t breadth(std::int64_t column, std::int64_t n) const {
    return column / columns + 1 == across ? n - column : columns;
  }

 private:
  // size / pieces, upwards to a whole number of BLAS's inner tiles.
  static std::int64_t part(std::int64_t size, std::int64_t pieces) {
    return std::min(size, ((size + pieces - 1) / pieces + 15) / 16 * 16);
  }

  // A single row or column that is left over belongs to the tile before: one of its own would be another kind of
  // product.
  static std::int64_t number(std::int64_t size, std::int64_t of_one) {
    return std::max<std::int64_t>(1, (size + of_one - 2) / of_one);
  }
};

}  // namespace heed
