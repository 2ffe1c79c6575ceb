// A function of contiguous numbers over a view of any layout. Not part of the public interface.
#pragma once

#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/rows.h"
#include "heed/tensor/tensor.h"

namespace heed {

inline constexpr std::int64_t light_grain = 32768;  ///< elements of cheap work a thread takes at a time
inline constexpr std::int64_t heavy_grain = 8192;   ///< the same for exp, log and what is made of them

/// y = row(x) for y row-major of x's shape, `chunk` elements a thread at a time, over staged pieces: row(from, to, n)
/// only ever sees contiguous numbers, so layouts cannot change the bits.
template <class T, class Row>
void map_rows(const Tensor& x, Tensor& y, std::int64_t chunk, Row row) {
  const T* from = x.data<T>();
  T* to = y.mutable_data<T>();
  if (x.is_contiguous()) {
    parallel_chunks(y.numel(), chunk,
                    [&](std::int64_t begin, std::int64_t end) { row(from + begin, to + begin, to_size(end - begin)); });
    return;
  }
  const Rows<2> rows(y.shape(), {y.strides(), x.strides()});
  parallel_chunks(y.numel(), chunk, [&](std::int64_t begin, std::int64_t end) {
    T buffer[staged_piece];
    rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
      for (std::int64_t i = 0; i < n; i += staged_piece) {
        const std::int64_t piece = std::min(staged_piece, n - i);
        row(staged(from + offset[1] + i * rows.stride(1), rows.stride(1), piece, buffer), to + offset[0] + i,
            to_size(piece));
      }
    });
  });
}

/// y = row(a, b) for y row-major of the shape that a and b both have, in the same way: row(a, b, to, n).
template <class T, class Y, class Row>
void map_row_pairs(const Tensor& a, const Tensor& b, Tensor& y, std::int64_t chunk, Row row) {
  const T *left = a.data<T>(), *right = b.data<T>();
  Y* to = y.mutable_data<Y>();
  if (a.is_contiguous() && b.is_contiguous()) {
    parallel_chunks(y.numel(), chunk, [&](std::int64_t begin, std::int64_t end) {
      row(left + begin, right + begin, to + begin, to_size(end - begin));
    });
    return;
  }
  const Rows<3> rows(y.shape(), {y.strides(), a.strides(), b.strides()});
  const std::int64_t left_step = rows.stride(1), right_step = rows.stride(2);
  const std::int64_t longest = left_step == 1 && right_step == 1 ? rows.row_length() : staged_piece;
  parallel_chunks(y.numel(), chunk, [&](std::int64_t begin, std::int64_t end) {
    T left_buffer[staged_piece], right_buffer[staged_piece];
    rows.visit(begin, end, [&](const auto& offset, std::int64_t n) {
      for (std::int64_t i = 0; i < n; i += longest) {
        const std::int64_t piece = std::min(longest, n - i);
        row(staged(left + offset[1] + i * left_step, left_step, piece, left_buffer),
            staged(right + offset[2] + i * right_step, right_step, piece, right_buffer), to + offset[0] + i,
            to_size(piece));
      }
    });
  });
}

}  // namespace heed
