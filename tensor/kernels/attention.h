// Scaled dot-product attention of one head, y = softmax(scale·q·kᵀ + bias)·v, tile by tile: the scores of
// attention_queries queries by attention_keys keys exist at a time. The maximum and the sum of exponentials of a query
// go on from tile to tile (online softmax), and what was added up before is scaled when the maximum grows.
//
// A key that a query may not attend to (mask, causal_offset, a score of -inf) is not seen: it counts in no sum, and its
// numbers, which may be anything, reach nothing of that query. Numbers that are not finite are 0 in the products of
// whole tiles and are put in afterwards for the pairs that are seen.
//
// Bits: scores are chains of fused multiply-adds in the order of the features, sums over keys and queries chains in
// their order, one for each tile, whose results are added in the order of the tiles. A tile begins at a multiple of its
// size, and unseen keys add zeros.
#pragma once

#include <cstdint>

#include "heed/tensor/kernels/product.h"

namespace heed::kernels {

inline constexpr std::size_t attention_queries = 48, attention_keys = 256;

/// Draw `position` + t·keys + s decides about the weight of query t and key s: it stays, times `factor`, where the
/// upper 53 bits of the draw are `least` or more. With least 0 nothing is drawn and every weight stays as it is.
template <class T>
struct AttentionDropout {
  std::uint64_t key = 0, stream = 0, position = 0, least = 0;
  T factor = 1;
};

template <class T>
struct AttentionHead {
  std::size_t queries, keys, width, value_width;  ///< T, S, K, D
  StridedMatrix<T> query, key, value;             ///< [T, K], [S, K], [S, D]
  StridedMatrix<T> bias;                          ///< [T, S], or null
  StridedMatrix<bool> mask;                       ///< [T, S], or null: everything may be attended to
  std::ptrdiff_t causal_offset;                   ///< query t sees keys s <= t + causal_offset; `keys`: every one
  T scale;
  AttentionDropout<T> dropout;
};

/// What forward leaves for backward: of each query the greatest score, and 1 over the sum of exp(score - greatest), 0
/// where it sees nothing.
template <class T>
struct AttentionStatistics {
  T *greatest, *inverse;
};

/// Rows of y and of the gradients are contiguous, and `row` numbers apart.
template <class T>
struct AttentionRows {
  T* data;
  std::ptrdiff_t row;
};

template <class T>
struct AttentionGradients {
  StridedMatrix<T> y, dy;  ///< [T, D]
  AttentionStatistics<const T> statistics;
  AttentionRows<T> query, key, value;  ///< null where it is not wanted
  AttentionRows<T> bias;               ///< [T, S]: the gradient of the scores; null where it is not wanted
  bool first;                          ///< key and value are written; else added to, by the next heads of their group
};

template <class T>
struct AttentionKernels {
  /// y and statistics of the queries [begin, end). `workspace`: forward_workspace numbers, aligned to 64 bytes.
  void (*forward)(const AttentionHead<T>& head, std::size_t begin, std::size_t end, const AttentionRows<T>& y,
                  const AttentionStatistics<T>& statistics, T* workspace);
  std::size_t (*forward_workspace)(const AttentionHead<T>& head, std::size_t begin, std::size_t end);

  /// The gradients of the keys and values [begin, end), where begin is a multiple of attention_keys, and what these
  /// contribute to the queries' (written), for the rows of which `gradients.query` has room of its own.
  void (*backward)(const AttentionHead<T>& head, const AttentionGradients<T>& gradients, std::size_t begin,
                   std::size_t end, T* workspace);
  std::size_t (*backward_workspace)(const AttentionHead<T>& head);
};

/// The functions of the instruction set in use.
Tables<AttentionKernels> attention();

}  // namespace heed::kernels
