// The last part of every attention: from scores to weights to a context (score × align × mask -> attend).
#pragma once

#include <vector>

#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/attention/align/softmax.h"
#include "heed/nn/attention/align_queries.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"

namespace heed::nn {

struct AttentionOutput {
  Variable context;               ///< [B, T, D]
  Variable weights;               ///< [B, T, S], what the align gave; [B, T, S, D] for scores of each feature
  Variable log_probability = {};  ///< [B, T], of the keys that the align drew, where it draws
  Variable entropy = {};          ///< [B, T], of what they were drawn from
  std::shared_ptr<detail::AttentionTrace> trace = {};  ///< for recorders (recorder.h); null without one
};

/// context[b, t] = Σ_s weights[b, t, s]·values[b, s] over the keys that the mask allows. What stands under a masked key
/// reaches neither the context nor a gradient, whatever it is: where the mask differs from query to query and a value
/// is not finite, each query has a product of its own.
Variable weighted_sum(const Variable& weights, const Tensor& mask, const Variable& values);

/// The same with weights of their own for each of the D features: weights [B, T, S, D], values [B, S, D].
Variable weighted_sum_of_features(const Variable& weights, const Tensor& mask, const Variable& values);

namespace detail {

template <class Align>
concept LooksAtQueries = requires(const Align& align, const Variable& scores, const Tensor& mask,
                                  const AlignQueries& queries) { align.forward(scores, mask, queries); };
template <class Align>
concept HasWindow = requires(const Align& align, const AlignQueries& queries) { align.window(queries); };

// `queries` with the lengths of the sources [B, T, S] under this mask, and the length of the target where none is
// given. Error when that is too short.
AlignQueries with_lengths(AlignQueries queries, const Tensor& mask, std::int64_t batch);

// The queries of these scores, where the caller did not say more. ShapeError, Error when what it said does not fit.
AlignQueries complete(AlignQueries queries, const Variable& scores, const Tensor& mask);

template <class Align>
AlignOutput align_scores(const Align& align, const Variable& scores, const Tensor& mask, const AlignQueries& queries) {
  if constexpr (LooksAtQueries<Align>)
    return align.forward(scores, mask, queries);
  else
    return {align.forward(scores, mask)};
}

// attend() with the align's window in the mask already.
template <class Align>
AttentionOutput attend_within(const Variable& scores, const Tensor& mask, const Variable& values, const Align& align,
                              const AlignQueries& queries) {
  if (scores.defined() && scores.rank() == 4) {
    check_shapes("attend", {{"scores", scores.value(), "B T S D"}, {"values", values.value(), "B S D"}});
    std::vector<Variable> weights;
    for (const Variable& feature : unstack(scores, 3))
      weights.push_back(align_scores(align, feature, mask, queries).weights);
    AttentionOutput found{.context = {}, .weights = stack(weights, 3)};  // [B, T, S, D]
    if (recording_attention()) found.trace = trace_weights(found.weights, scores, mask);
    found.context = weighted_sum_of_features(found.weights, mask, values);
    return found;
  }
  check_shapes("attend", {{"scores", scores.value(), "B T S"}, {"values", values.value(), "B S D"}});
  const AlignOutput aligned = align_scores(align, scores, mask, queries);
  AttentionOutput found{{}, aligned.weights, aligned.log_probability, aligned.entropy};
  if (recording_attention()) found.trace = trace_weights(found.weights, scores, mask);
  found.context = weighted_sum(found.weights, mask, values);
  return found;
}

template <class Align>
AttentionOutput attend_in_window(const Variable& scores, const Tensor& mask, const Variable& values, const Align& align,
                                 const AlignQueries& queries) {
  if constexpr (LooksAtQueries<Align> || HasWindow<Align>) {
    const AlignQueries all = complete(queries, scores, mask);
    if constexpr (HasWindow<Align>)
      return attend_within(scores, all_masks({mask, align.window(all)}), values, align, all);
    return attend_within(scores, mask, values, align, all);
  }
  return attend_within(scores, mask, values, align, queries);
}

// Tells recorders, where there are any.
inline void record_output(const void* module, const std::type_info& type, const AttentionOutput& found,
                          std::string_view part = {}) {
  if (recording_attention()) record_attention(module, type, part, record_of(found.weights, found.context, found.trace));
}

}  // namespace detail

/// weights = align(scores [B, T, S], mask), context = weights·values, for values that mask_padding() has seen. Mask:
/// bool, true = may be attended, broadcast to [B, T, S]; undefined = everything. For S = 0 the context is 0. Scores
/// [B, T, S, D] weigh each of the D features of the values for itself. An align that looks at more than scores is told
/// by `queries`. ShapeError unless scores and values [B, S, D] fit.
template <class Align = SoftmaxAlign>
AttentionOutput attend(const Variable& scores, const Tensor& mask, const Variable& values, const Align& align = {},
                       const AlignQueries& queries = {}) {
  const AttentionOutput found = detail::attend_in_window(scores, mask, values, align, queries);
  detail::record_output(nullptr, typeid(void), found);
  return found;
}

/// attend() for a module that makes its scores itself: recorders (recorder.h) know it under the module's name, and
/// `part` where one module attends in several ways.
template <class Module, class Align = SoftmaxAlign>
AttentionOutput attend_for(const Module& self, const Variable& scores, const Tensor& mask, const Variable& values,
                           const Align& align = {}, const AlignQueries& queries = {}, std::string_view part = {}) {
  const AttentionOutput found = detail::attend_in_window(scores, mask, values, align, queries);
  detail::record_output(&self, typeid(Module), found, part);
  return found;
}

}  // namespace heed::nn
