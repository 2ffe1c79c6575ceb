#include "heed/tensor/kernels/attention.h"

#include <algorithm>

#include "heed/tensor/kernels/instruction_sets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "heed/tensor/kernels/attention.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "heed/tensor/kernels/attention_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::kernels::HWY_NAMESPACE {
namespace {  // also keeps these names apart from those of other kernel files

// Rows of sums are as long as whole vectors.
template <class T>
std::size_t sum_row_of(std::size_t columns) {
  return round_up(columns, lanes_of<T>);
}

template <class T>
std::size_t blocks_of(std::size_t queries) {
  return (queries + attention_queries - 1) / attention_queries;
}

// The part of a tile of keys that a block of queries sees.
template <class T>
TilePlace place(const AttentionHead<T>& head, std::size_t query, std::size_t queries, std::size_t key,
                std::size_t keys) {
  const std::size_t end = causal_end(head, query + queries - 1);
  return {query, queries, key, end <= key ? 0 : std::min(keys, end - key)};
}

// Scores of a tile: packed queries (scaled) by packed keys; what is beyond a query's keys is unspecified.
template <class T>
void multiply_scores(const TilePlace& tile, std::size_t features, const T* left, const T* right, T* scores) {
  multiply<T, true>(tile.queries, tile.keys, features, left, 0, Panels<T>::packed(right, features), 0, scores,
                    score_row<T>);
}

// A row's numbers beyond the keys that are seen, up to whole panels.
template <class T>
void clear_unseen(T* row, std::size_t seen, std::size_t keys) {
  std::fill(row + seen, row + round_up(keys, panel_columns<T>), T{0});
}

template <class T>
void pack_queries(const StridedMatrix<T>& x, std::size_t begin, std::size_t queries, std::size_t features, T scale,
                  T* to) {
  pack_left(x.at(begin, 0), queries, features, to);
  if (scale != 1) scale_row(scale, to, queries * features);
}

template <class T>
struct ForwardSpace {
  T *query, *sums, *greatest, *total, *key, *value, *copy, *scores;
  std::size_t size;

  ForwardSpace(const AttentionHead<T>& head, std::size_t queries, T* begin) {
    Pieces<T> pieces(begin);
    const std::size_t keys = round_up(std::min(attention_keys, head.keys), panel_columns<T>);
    query = pieces.take(queries * head.width);
    sums = pieces.take(queries * sum_row_of<T>(head.value_width));
    greatest = pieces.take(queries);
    total = pieces.take(queries);
    key = pieces.take(keys * head.width);
    value = pieces.take(keys * round_up(head.value_width, panel_columns<T>));
    copy = pieces.take(keys * head.value_width);
    scores = pieces.take(std::min(attention_queries, queries) * score_row<T>);
    size = pieces.taken();
  }
};

template <class T>
std::size_t forward_workspace(const AttentionHead<T>& head, std::size_t begin, std::size_t end) {
  return ForwardSpace<T>(head, end - begin, nullptr).size;
}

// One tile: its weights times values, added to the sums of its queries. `pairs` may be null.
template <class T>
void forward_tile(const AttentionHead<T>& head, const TilePlace& tile, std::size_t block, std::size_t keys_packed,
                  const ForwardSpace<T>& space, SeenPairs* pairs) {
  const std::size_t row = sum_row_of<T>(head.value_width);
  T* const sums = space.sums + block * row;
  multiply_scores(tile, head.width, space.query + block * head.width, space.key, space.scores);
  for (std::size_t i = 0; i < tile.queries; ++i) {
    const std::size_t t = tile.query + i, seen = keys_seen(head, tile, t);
    T* const scores = space.scores + i * score_row<T>;
    apply_bias_and_mask(head, t, tile.key, seen, scores);
    if (pairs != nullptr) note_seen(scores, seen, tile.keys, pairs->seen[i]);
    const T before = exponentials(scores, seen, space.greatest[block + i], space.total[block + i]);
    if (before != 1) scale_row(before, sums + i * row, row);
    if (head.dropout.least > 0) {
      bool kept[attention_keys];
      draw_kept(head, t, tile.key, seen, kept);
      drop(kept, head.dropout.factor, scores, seen);
    }
    clear_unseen(scores, seen, tile.keys);
  }
  multiply<T, false>(tile.queries, head.value_width, tile.keys, space.scores, score_row<T>,
                     Panels<T>::packed(space.value, keys_packed), 1, sums, row);
  if (pairs != nullptr)
    add_not_finite(tile, *pairs, space.scores, head.value.at(tile.key, 0), true, head.value_width, T{1}, sums, row, 1);
}

template <class T>
HWY_NOINLINE void forward_tile_not_finite(const AttentionHead<T>& head, const TilePlace& tile, std::size_t block,
                                          std::size_t keys_packed, const ForwardSpace<T>& space) {
  SeenPairs pairs;
  forward_tile(head, tile, block, keys_packed, space, &pairs);
}

template <class T>
void finish_rows(const AttentionHead<T>& head, const ForwardSpace<T>& space, std::size_t queries,
                 const AttentionRows<T>& y, const AttentionStatistics<T>& statistics) {
  const ScalableTag<T> d;
  const std::size_t row = sum_row_of<T>(head.value_width);
  for (std::size_t i = 0; i < queries; ++i) {
    const bool nothing = space.total[i] == 0;
    const T inverse = nothing ? T{0} : 1 / space.total[i];
    statistics.greatest[i] = nothing ? T{0} : space.greatest[i];
    statistics.inverse[i] = inverse;
    T* const to = y.data + signed_of(i) * y.row;
    for_row(d, head.value_width, [&](std::size_t j, auto part) HWY_ATTR {
      part.store(Mul(part.load(d, space.sums + i * row + j), Set(d, inverse)), d, to + j);
    });
  }
}

template <class T>
void forward(const AttentionHead<T>& head, std::size_t begin, std::size_t end, const AttentionRows<T>& y,
             const AttentionStatistics<T>& statistics, T* workspace) {
  const std::size_t queries = end - begin;
  const ForwardSpace<T> space(head, queries, workspace);
  std::fill_n(space.sums, queries * sum_row_of<T>(head.value_width), T{0});
  std::fill_n(space.greatest, queries, unseen<T>);
  std::fill_n(space.total, queries, T{0});
  for (std::size_t t = 0; t < queries; t += attention_queries)
    pack_queries(head.query, begin + t, std::min(attention_queries, queries - t), head.width, head.scale,
                 space.query + t * head.width);
  const std::size_t last_key = causal_end(head, end - 1);
  for (std::size_t key = 0; key < last_key; key += attention_keys) {
    const std::size_t keys = std::min(attention_keys, last_key - key);
    pack_right(transposed(head.key.at(key, 0)), keys, head.width, space.key);
    const StridedMatrix<T> value = head.value.at(key, 0);
    const bool finite = all_finite(value, keys, head.value_width);
    pack_right(finite_part(value, keys, head.value_width, finite, space.copy), head.value_width, keys, space.value);
    for (std::size_t t = 0; t < queries; t += attention_queries) {
      const TilePlace tile = place(head, begin + t, std::min(attention_queries, queries - t), key, keys);
      if (tile.keys == 0) continue;
      if (finite)
        forward_tile<T>(head, tile, t, keys, space, nullptr);
      else
        forward_tile_not_finite(head, tile, t, keys, space);
    }
  }
  finish_rows(head, space, queries, y, statistics);
}

template <class T>
struct BackwardSpace {
  // Of every query, block by block. The transposed ones are without what is not finite, which `finite` says by block.
  T *query, *query_transposed, *dy, *dy_transposed, *mean, *finite, *query_sums;
  // Of a tile of keys.
  T *key, *key_rows, *value, *key_sums, *value_sums, *copy;
  T *scores, *gradients;  // of a tile
  std::size_t size;

  BackwardSpace(const AttentionHead<T>& head, T* begin) {
    Pieces<T> pieces(begin);
    const std::size_t keys = round_up(std::min(attention_keys, head.keys), panel_columns<T>);
    const std::size_t queries = std::min(attention_queries, head.queries),
                      widest = std::max(head.width, head.value_width);
    query = pieces.take(head.queries * head.width);
    query_transposed = pieces.take(head.queries * head.width);
    dy = pieces.take(head.queries * head.value_width);
    dy_transposed = pieces.take(head.queries * head.value_width);
    mean = pieces.take(head.queries);
    finite = pieces.take(blocks_of<T>(head.queries));
    query_sums = pieces.take(head.queries * sum_row_of<T>(head.width));
    key = pieces.take(keys * head.width);
    key_rows = pieces.take(keys * round_up(head.width, panel_columns<T>));
    value = pieces.take(keys * head.value_width);
    key_sums = pieces.take(head.width * score_row<T>);
    value_sums = pieces.take(head.value_width * score_row<T>);
    copy = pieces.take(std::max(keys, queries + 1) * widest);
    scores = pieces.take(queries * score_row<T>);
    gradients = pieces.take(queries * score_row<T>);
    size = pieces.taken();
  }
};

template <class T>
std::size_t backward_workspace(const AttentionHead<T>& head) {
  return BackwardSpace<T>(head, nullptr).size;
}

// Σ y·dy of one query, which is Σ weight·(gradient of the weight).
template <class T>
T mean_gradient(const AttentionGradients<T>& gradients, std::size_t t, std::size_t columns, T* buffer) {
  const ScalableTag<T> d;
  const T *y = row_of(gradients.y, t, 0, columns, buffer), *dy = row_of(gradients.dy, t, 0, columns, buffer + columns);
  return sum_light_row(
      d, columns, [&](std::size_t j, auto part) HWY_ATTR { return Mul(part.load(d, y + j), part.load(d, dy + j)); });
}

template <class T>
void pack_block(const AttentionHead<T>& head, const AttentionGradients<T>& gradients, std::size_t t,
                std::size_t queries, const BackwardSpace<T>& space) {
  const StridedMatrix<T> query = head.query.at(t, 0), dy = gradients.dy.at(t, 0);
  const std::size_t width = head.width, value_width = head.value_width;
  const bool query_finite = all_finite(query, queries, width), dy_finite = all_finite(dy, queries, value_width);
  space.finite[t / attention_queries] = query_finite && dy_finite;
  pack_queries(head.query, t, queries, width, head.scale, space.query + t * width);
  pack_queries(gradients.dy, t, queries, value_width, T{1}, space.dy + t * value_width);
  if (width > 0) {
    T* const to = space.query_transposed + t * width;
    pack_left(transposed(finite_part(query, queries, width, query_finite, space.copy)), width, queries, to);
    scale_row(head.scale, to, queries * width);
  }
  if (value_width > 0)
    pack_left(transposed(finite_part(dy, queries, value_width, dy_finite, space.copy)), value_width, queries,
              space.dy_transposed + t * value_width);
  for (std::size_t i = t; i < t + queries; ++i) space.mean[i] = mean_gradient(gradients, i, value_width, space.copy);
}

// What is wanted, of which the rest follows.
template <class T>
bool wants_scores(const AttentionGradients<T>& gradients) {
  return gradients.query.data != nullptr || gradients.key.data != nullptr || gradients.bias.data != nullptr;
}

template <class T>
void backward_rows(const AttentionHead<T>& head, const AttentionGradients<T>& gradients, const TilePlace& tile,
                   const BackwardSpace<T>& space, SeenPairs* pairs) {
  const bool wanted = wants_scores(gradients);
  bool kept[attention_keys];
  for (std::size_t i = 0; i < tile.queries; ++i) {
    const std::size_t t = tile.query + i, seen = keys_seen(head, tile, t);
    T *const scores = space.scores + i * score_row<T>, *const slopes = space.gradients + i * score_row<T>;
    apply_bias_and_mask(head, t, tile.key, seen, scores);
    if (pairs != nullptr) note_seen(scores, seen, tile.keys, pairs->seen[i]);
    const bool drops = head.dropout.least > 0;
    if (drops) draw_kept(head, t, tile.key, seen, kept);
    if (drops && wanted) drop(kept, head.dropout.factor, slopes, seen);
    weights_and_gradients(scores, wanted ? slopes : nullptr, seen, gradients.statistics.greatest[t],
                          gradients.statistics.inverse[t], space.mean[t]);
    if (drops) drop(kept, head.dropout.factor, scores, seen);
    clear_unseen(scores, seen, tile.keys);
    if (wanted) clear_unseen(slopes, seen, tile.keys);
    if (gradients.bias.data != nullptr)
      std::copy_n(slopes, seen, gradients.bias.data + signed_of(t) * gradients.bias.row + tile.key);
  }
}

// One tile: what it adds to the sums of its keys, values and queries.
template <class T>
void backward_tile(const AttentionHead<T>& head, const AttentionGradients<T>& gradients, const TilePlace& tile,
                   std::size_t keys_packed, const BackwardSpace<T>& space, SeenPairs* pairs) {
  const std::size_t width = head.width, value_width = head.value_width, t = tile.query, row = sum_row_of<T>(width);
  const Panels<T> scores = Panels<T>::of_scores(space.scores), slopes = Panels<T>::of_scores(space.gradients);
  T* const query_sums = space.query_sums + t * row;
  multiply_scores(tile, width, space.query + t * width, space.key, space.scores);
  if (wants_scores(gradients))
    multiply_scores(tile, value_width, space.dy + t * value_width, space.value, space.gradients);
  backward_rows(head, gradients, tile, space, pairs);
  if (gradients.value.data != nullptr)
    multiply<T, true>(value_width, tile.keys, tile.queries, space.dy_transposed + t * value_width, 0, scores, 1,
                      space.value_sums, score_row<T>);
  if (gradients.key.data != nullptr)
    multiply<T, true>(width, tile.keys, tile.queries, space.query_transposed + t * width, 0, slopes, 1, space.key_sums,
                      score_row<T>);
  if (gradients.query.data != nullptr)
    multiply<T, false>(tile.queries, width, tile.keys, space.gradients, score_row<T>,
                       Panels<T>::packed(space.key_rows, keys_packed), 1, query_sums, row);
  if (pairs == nullptr) return;
  if (gradients.value.data != nullptr)
    add_not_finite(tile, *pairs, space.scores, gradients.dy.at(t, 0), false, value_width, T{1}, space.value_sums, 1,
                   score_row<T>);
  if (gradients.key.data != nullptr)
    add_not_finite(tile, *pairs, space.gradients, head.query.at(t, 0), false, width, head.scale, space.key_sums, 1,
                   score_row<T>);
  if (gradients.query.data != nullptr)
    add_not_finite(tile, *pairs, space.gradients, head.key.at(tile.key, 0), true, width, T{1}, query_sums, row, 1);
}

template <class T>
HWY_NOINLINE void backward_tile_not_finite(const AttentionHead<T>& head, const AttentionGradients<T>& gradients,
                                           const TilePlace& tile, std::size_t keys_packed,
                                           const BackwardSpace<T>& space) {
  SeenPairs pairs;
  backward_tile(head, gradients, tile, keys_packed, space, &pairs);
}

// The sums of a tile's keys, which lie by features, to the rows from `key` on.
template <class T>
void write_keys(const T* sums, std::size_t key, std::size_t keys, std::size_t columns, bool first,
                const AttentionRows<T>& rows, T* turned) {
  if (rows.data == nullptr) return;
  T* const to = rows.data + signed_of(key) * rows.row;
  const Panel<T> by_features{sums, signed_of(score_row<T>), 1, columns, keys};
  if (first) return pack(by_features, to, rows.row);
  pack(by_features, turned, signed_of(columns));
  for (std::size_t s = 0; s < keys; ++s) add_row(turned + s * columns, columns, T{1}, to + signed_of(s) * rows.row);
}

template <class T>
void backward(const AttentionHead<T>& head, const AttentionGradients<T>& gradients, std::size_t begin, std::size_t end,
              T* workspace) {
  const BackwardSpace<T> space(head, workspace);
  const std::size_t width = head.width, value_width = head.value_width, row = sum_row_of<T>(width);
  for (std::size_t t = 0; t < head.queries; t += attention_queries)
    pack_block(head, gradients, t, std::min(attention_queries, head.queries - t), space);
  std::fill_n(space.query_sums, head.queries * row, T{0});
  for (std::size_t key = begin; key < end; key += attention_keys) {
    const std::size_t keys = std::min(attention_keys, end - key);
    const StridedMatrix<T> rows = head.key.at(key, 0);
    const bool finite = all_finite(rows, keys, width);
    pack_right(transposed(rows), keys, width, space.key);
    pack_right(finite_part(rows, keys, width, finite, space.copy), width, keys, space.key_rows);
    pack_right(transposed(head.value.at(key, 0)), keys, value_width, space.value);
    std::fill_n(space.key_sums, width * score_row<T>, T{0});
    std::fill_n(space.value_sums, value_width * score_row<T>, T{0});
    for (std::size_t t = 0; t < head.queries; t += attention_queries) {
      const TilePlace tile = place(head, t, std::min(attention_queries, head.queries - t), key, keys);
      if (tile.keys == 0) continue;
      if (finite && space.finite[t / attention_queries] != 0)
        backward_tile<T>(head, gradients, tile, keys, space, nullptr);
      else
        backward_tile_not_finite(head, gradients, tile, keys, space);
    }
    write_keys(space.key_sums, key, keys, width, gradients.first, gradients.key, space.copy);
    write_keys(space.value_sums, key, keys, value_width, gradients.first, gradients.value, space.copy);
  }
  if (gradients.query.data == nullptr) return;
  const ScalableTag<T> d;
  for (std::size_t t = 0; t < head.queries; ++t)
    for_row(d, width, [&](std::size_t j, auto part) HWY_ATTR {
      part.store(Mul(part.load(d, space.query_sums + t * row + j), Set(d, head.scale)), d,
                 gradients.query.data + signed_of(t) * gradients.query.row + j);
    });
}

template <class T>
constexpr AttentionKernels<T> table{.forward = forward<T>,
                                    .forward_workspace = forward_workspace<T>,
                                    .backward = backward<T>,
                                    .backward_workspace = backward_workspace<T>};

}  // namespace

Tables<AttentionKernels> attention_tables() { return {table<float>, table<double>}; }

}  // namespace heed::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace heed::kernels {

HWY_EXPORT(attention_tables);

Tables<AttentionKernels> attention() { return HWY_DYNAMIC_DISPATCH(attention_tables)(); }

}  // namespace heed::kernels
#endif
