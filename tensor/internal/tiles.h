// How a matrix product is cut into pieces for the threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace heed {

/// A grid over a matrix [m, n]: tiles of `rows` x `columns`, what is left over at the end belongs to the last ones.
struct Grid {
  std::int64_t rows, columns;         // of one tile
  std::int64_t down = 1, across = 1;  // number of tiles

  // How far the tile that begins here reaches.
  std::int64_t height(std::int64_t row, std::int64_t m) const { return row / rows + 1 == down ? m - row : rows; }
  std::int64_t breadth(std::int64_t column, std::int64_t n) const {
    return column / columns + 1 == across ? n - column : columns;
  }

  /// The greatest size(rows, columns) of any tile. Those at the ends are of other sizes.
  template <class Size>
  std::size_t greatest(std::int64_t m, std::int64_t n, const Size& size) const {
    std::size_t most = 0;
    for (std::int64_t row : {std::int64_t{0}, (down - 1) * rows})
      for (std::int64_t column : {std::int64_t{0}, (across - 1) * columns})
        most = std::max(most,
                        size(static_cast<std::size_t>(height(row, m)), static_cast<std::size_t>(breadth(column, n))));
    return most;
  }
};

/// For BLAS, whose bits a cut may change: the grid depends on the sizes alone, so the bits do not depend on the number
/// of threads. The tiles are few and large, for BLAS packs both operands anew for each of them.
struct BlasTiles : Grid {
  BlasTiles(std::int64_t m, std::int64_t n) : Grid{m, n} {
    constexpr std::int64_t most_tiles = 256, long_side = 2048;
    while (2 * down * across <= most_tiles && (std::max(rows, columns) >= long_side || down * across == 1)) {
      if (rows >= columns)  // the longer side is halved
        rows = part(m, down *= 2);
      else
        columns = part(n, across *= 2);
    }
    down = number(m, rows);
    across = number(n, columns);
  }

 private:
  // size / pieces, upwards to a whole number of BLAS's inner tiles.
  static std::int64_t part(std::int64_t size, std::int64_t pieces) {
    return std::min(size, ((size + pieces - 1) / pieces + 15) / 16 * 16);
  }

  // What is left over of a side belongs to the tile before when it is a single row or column: BLAS may treat that as
  // another kind of product.
  static std::int64_t number(std::int64_t size, std::int64_t of_one) {
    return std::max<std::int64_t>(1, (size + of_one - 2) / of_one);
  }
};

/// For `count` products whose bits no cut changes: so many tiles as the threads want, as square as can be. Chunks of
/// `grain` tiles go to the threads.
struct FreeTiles : Grid {
  std::int64_t grain, chunks;

  FreeTiles(std::int64_t m, std::int64_t n, std::int64_t k, std::int64_t count, std::int64_t threads) : Grid{m, n} {
    constexpr double least_flops = 1e6;  // of a chunk
    const double flops =
        2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) * static_cast<double>(count);
    // A thread that was held up leaves the others something to do, where the chunks are large.
    const double each = flops > 64e6 * static_cast<double>(threads) ? 4 : 1;
    const auto wanted =
        threads == 1
            ? std::int64_t{1}
            : static_cast<std::int64_t>(std::clamp(flops / least_flops, 1.0, each * static_cast<double>(threads)));
    if (count < wanted) cut(m, n, (wanted + count - 1) / count);
    const std::int64_t tiles = count * down * across;
    grain = (tiles + wanted - 1) / wanted;
    chunks = (tiles + grain - 1) / grain;
  }

 private:
  static constexpr std::int64_t least_rows = 48, least_columns = 64;  // of a tile; whole tiles and panels of the kernel

  void cut(std::int64_t m, std::int64_t n, std::int64_t tiles) {
    const double shape = static_cast<double>(n) / static_cast<double>(m);
    const auto wide = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(tiles) * shape)));
    across = std::clamp<std::int64_t>(wide, 1, std::min(tiles, pieces(n, least_columns)));
    down = std::min((tiles + across - 1) / across, pieces(m, least_rows));
    across = std::min((tiles + down - 1) / down, pieces(n, least_columns));
    columns = part(n, across, least_columns);
    rows = part(m, down, least_rows);
    across = (n + columns - 1) / columns;
    down = (m + rows - 1) / rows;
  }

  static std::int64_t pieces(std::int64_t size, std::int64_t least) { return (size + least - 1) / least; }
  static std::int64_t part(std::int64_t size, std::int64_t number, std::int64_t multiple) {
    return std::min(size, ((size + number - 1) / number + multiple - 1) / multiple * multiple);
  }
};

}  // namespace heed
