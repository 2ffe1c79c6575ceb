// Attention<Score, Align>: how well each key answers a query, made into weights, which mix the values.
//
// A score is a module with
//   Config
//   project_keys(keys [B, S, key]) -> projected [B, S, any]   done once for all queries
//   forward(query [B, T, query], projected) -> scores [B, T, S], or [B, T, S, D] for each feature of the values
//   visit                                                     its parameters, as every module
// and, where it needs them,
//   mask(S) -> [1, 1, S]                                      the keys that it has scores for
//   forward(query [B, 1, query], projected, previous [B, 1, S])   in place of the other: a score that reads the weights
//                                                             of the query before (undefined at the first)
// An align has forward(scores, mask) -> weights [B, T, S] and visit, or
//   forward(scores, mask, AlignQueries) -> AlignOutput
//   window(AlignQueries) -> [B or 1, T, S]                    the keys it attends to at all (optional)
// An align without AlignQueries goes by the scores alone, and so does a score by its keys where it has no mask.
// What does not go together is refused by the compiler (composes<Score, Align>), which says why.
#pragma once

#include <utility>

#include "heed/nn/attention/attend.h"
#include "heed/nn/attention/composes.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// What is attended to.
struct AttentionKeys {
  Variable key;         ///< [B, S, key]; S = 0 is a source with nothing to attend to
  Variable value = {};  ///< [B, S, D]; undefined = the keys
  Tensor mask = {};     ///< bool, true = may be attended: [B, 1, S], or [B, T, S] where it differs from query to
                        ///< query; B may be 1; undefined = everything
};

struct AttentionInput {
  Variable query;       ///< [B, T, query]
  Variable key;         ///< as in AttentionKeys
  Variable value = {};  ///< as there
  Tensor mask = {};     ///< as there
};

/// AttentionKeys, prepared for queries that come one at a time.
struct AttentionMemory {
  Variable keys;    ///< the score's
  Variable values;  ///< [B, S, D], 0 where no query may attend
  Tensor mask;      ///< [B, 1 or T, S]
};

/// What an attention may be told about its queries.
struct AttentionCall {
  std::int64_t first_query = 0;    ///< the position of query[:, 0], where the queries come one at a time
  std::int64_t target_length = 0;  ///< of how many queries in all; 0: these are the last
  Generator* generator = nullptr;  ///< for aligns that draw; none: they do not. In row-major order, or query by query
                                   ///< where NaN or infinity is hidden from some of them
  Variable previous_weights = {};  ///< [B, 1, S], of the query before; undefined: there was none
};

/// The memory of example rows[i] as example i: rows [N] i64.
AttentionMemory reorder_memory(const AttentionMemory& memory, const Tensor& rows);

namespace detail {

// Checks the input; gives its mask as [B, 1 or T, S].
Tensor batch_mask(const AttentionKeys& input);

// Checks the query against the memory. What the call says, without the lengths of the sources.
AlignQueries align_queries(const Variable& query, const AttentionMemory& memory, const AttentionCall& call);

bool all_finite(const AttentionMemory& memory);

// The memory for query t: the mask's row and, when careful, 0 where it is false.
AttentionMemory seen_by(const AttentionMemory& memory, const Tensor& mask, std::int64_t queries, std::int64_t t,
                        bool careful);

// The keys begin, …, end - 1.
struct KeyRange {
  std::int64_t begin, end;
};

// From the first to the last key that one query's window [1, 1, S] has.
KeyRange range_of(const Tensor& window);

// Of these keys alone.
AttentionMemory slice_memory(const AttentionMemory& memory, const KeyRange& range);

// Their weights [B, 1, range, ..] among 0 for all others: [B, 1, keys, ..].
Variable widened(const Variable& weights, const KeyRange& range, std::int64_t keys);

// Of no queries: the empty weights and context.
AttentionOutput concat_queries(const std::vector<AttentionOutput>& outputs, const AttentionMemory& memory);

// The trace of weights that widened() has seen.
void widen_trace(const AttentionOutput& found, const KeyRange& range);

}  // namespace detail

template <class Score, class Align = SoftmaxAlign>
struct Attention {
  static_assert(!weighs_features_but_align_chooses<Score, Align>,
                "this align chooses one key for each query: scores of each feature have nothing to choose");
  static_assert(!scores_but_align_ignores<Score, Align>,
                "this align ignores scores: what the score learns would get no gradient; use UniformScore");
  static_assert(!never_positive_but_align_divides<Score, Align>,
                "this align divides scores by their sum and wants positive ones: this score has none");

  using Config = typename Score::Config;

  /// Errors of the score.
  Attention(const Config& config, const ParameterSource& source, Align its_align = {})
      : score(config, source), align(std::move(its_align)) {}

  /// ShapeError when key, value and mask do not fit.
  AttentionMemory project_keys(const AttentionKeys& input) const {
    const Tensor mask = detail::batch_mask(input), seen = mask.defined() ? attended_keys(mask) : mask;
    const Variable keys = mask_padding(input.key, seen);
    return {score.project_keys(keys), input.value.defined() ? mask_padding(input.value, seen) : keys, mask};
  }

  /// query [B, T, query] -> context [B, T, D], weights [B, T, S]. A single query has scores for the keys of its window
  /// alone where that is the same for every example and neither score nor align goes by positions. ShapeError when
  /// query and memory do not fit; errors of the align.
  AttentionOutput forward(const Variable& query, const AttentionMemory& memory, const AttentionCall& call = {}) const {
    const AlignQueries queries = placed(detail::align_queries(query, memory, call), memory);
    const Tensor own = all_masks({score_mask(queries.keys), window(queries)});
    AttentionOutput found = answer(queries, memory, own, call.previous_weights);
    detail::record_output(this, typeid(Attention), found);
    return found;
  }

  AttentionOutput forward(const AttentionInput& input, const AttentionCall& call = {}) const {
    return forward(input.query, project_keys({input.key, input.value, input.mask}), call);
  }

  /// The parameters of the score and of the align, without a name in front.
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    Score::visit(self.score, visitor);
    Align::visit(self.align, visitor);
  }

  Score score;
  Align align;

 private:
  static constexpr bool reads_previous = requires(const Score& s, const Variable& x) { s.forward(x, x, x); };
  // Whether part of the keys has the scores and weights that it has among all.
  static constexpr bool scores_part = detail::HasWindow<Align> && !detail::LooksAtQueries<Align> && !reads_previous &&
                                      !requires(const Score& s) { s.mask(std::int64_t{}); };

  // The queries with the lengths of their sources, where the align asks.
  static AlignQueries placed(AlignQueries queries, const AttentionMemory& memory) {
    if constexpr (detail::LooksAtQueries<Align> || detail::HasWindow<Align>)
      return detail::with_lengths(std::move(queries), memory.mask, memory.keys.size(0));
    return queries;
  }

  Tensor score_mask(std::int64_t keys) const {
    if constexpr (requires { score.mask(keys); }) return score.mask(keys);
    return {};
  }

  Tensor window(const AlignQueries& queries) const {
    if constexpr (detail::HasWindow<Align>) return align.window(queries);
    return {};
  }

  AttentionOutput answer(const AlignQueries& queries, const AttentionMemory& memory, const Tensor& own,
                         const Variable& previous) const {
    if constexpr (scores_part)
      if (own.defined() && queries.queries == 1 && own.size(0) == 1) return in_window(queries, memory, own);
    return within(queries, memory, own, previous);
  }

  // The answers under the memory's mask and `own`.
  AttentionOutput within(const AlignQueries& queries, const AttentionMemory& memory, const Tensor& own,
                         const Variable& previous) const {
    const Tensor mask = all_masks({memory.mask, own});
    const bool differs = own.defined() || (memory.mask.defined() && memory.mask.size(1) > 1);
    const bool careful = differs && queries.queries > 0 && !detail::all_finite(memory);
    if constexpr (!reads_previous)
      if (!careful)
        return detail::attend_within(score.forward(queries.query, memory.keys), mask, memory.values, align, queries);
    return one_at_a_time(queries, careful, memory, mask, previous);
  }

  AttentionOutput in_window(AlignQueries one, const AttentionMemory& memory, const Tensor& own) const {
    const detail::KeyRange range = detail::range_of(own);
    const std::int64_t keys = std::exchange(one.keys, range.end - range.begin);
    AttentionOutput found = within(one, detail::slice_memory(memory, range), slice(own, 2, range.begin, range.end), {});
    found.weights = detail::widened(found.weights, range, keys);
    detail::widen_trace(found, range);
    return found;
  }

  // Query after query: each with a memory of its own where one must not see what another may, and with the weights of
  // the query before where the score reads them.
  AttentionOutput one_at_a_time(const AlignQueries& all, bool careful, const AttentionMemory& memory,
                                const Tensor& mask, Variable previous) const {
    std::vector<AttentionOutput> outputs;
    for (std::int64_t t = 0; t < all.queries; ++t) {
      AlignQueries one = all;
      one.query = slice(all.query, 1, t, t + 1);
      one.queries = 1;
      one.first_query += t;
      const AttentionMemory seen = detail::seen_by(memory, mask, all.queries, t, careful);
      outputs.push_back(
          detail::attend_within(scores_of(one.query, seen.keys, previous), seen.mask, seen.values, align, one));
      previous = outputs.back().weights;
    }
    return detail::concat_queries(outputs, memory);
  }

  Variable scores_of(const Variable& query, const Variable& keys, const Variable& previous) const {
    if constexpr (reads_previous)
      return score.forward(query, keys, previous);
    else
      return score.forward(query, keys);
  }
};

}  // namespace heed::nn
