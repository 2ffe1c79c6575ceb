// Attention in several hops: what one finds is part of what the next asks (Sukhbaatar, Szlam, Weston and Fergus 2015,
// "End-to-end memory networks").
//
// How the next query is made is a module with
//   Config
//   forward(query [B, T, Q], context [B, T, D]) -> query [B, T, Q]
//   visit                                                           its parameters, as every module
#pragma once

#include "heed/nn/attention/attention.h"
#include "heed/nn/linear.h"
#include "heed/nn/module_list.h"

namespace heed::nn {

/// q + c, for queries and values of one width. Nothing is learned.
struct SumUpdate {
  struct Config {};

  SumUpdate(const Config&, const ParameterSource&) {}

  /// ShapeError unless both shapes are one.
  static Variable forward(const Variable& query, const Variable& context);

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

/// W·q + c: the paper's "layer-wise" hops, whose mapping is learned. Parameter: weight [Q, Q], a Linear's.
struct LinearUpdate {
  struct Config {
    std::int64_t query = 0;  ///< Q, the width of the values too
    DType dtype = DType::f32;
  };

  /// ShapeError unless query is positive.
  LinearUpdate(const Config& config, const ParameterSource& source);

  Variable forward(const Variable& query, const Variable& context) const;  ///< ShapeError unless both are Q wide

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    Linear::visit(self.linear, visitor);
  }

  Linear linear;
};

struct MultiHopOutput {
  Variable query;                     ///< [B, T, Q], after the last hop: what it was asked for and all that was found
  std::vector<AttentionOutput> hops;  ///< what each of them found, and where
};

namespace detail {

std::int64_t checked_hops(std::int64_t hops);
void check_memories(std::size_t given, std::size_t wanted);

}  // namespace detail

/// q_{s+1} = update(q_s, c_s) with c_s = attention of q_s over the same keys, for s = 1, …, hops. Hops share the
/// parameters of one, or each has its own: attentions.0…, updates.0….
template <class Score, class Align = SoftmaxAlign, class Update = SumUpdate>
struct MultiHopAttention {
  struct Config {
    std::int64_t hops = 1;
    bool shared = false;
    typename Score::Config score = {};
    typename Update::Config update = {};
  };

  /// ShapeError unless hops is positive; errors of score and update.
  MultiHopAttention(const Config& config, const ParameterSource& source, const Align& align = {})
      : hops(detail::checked_hops(config.hops)) {
    for (std::int64_t hop = 0; hop < (config.shared ? 1 : hops); ++hop) {
      attentions.emplace_back(config.score, source, align);
      updates.emplace_back(config.update, source);
    }
  }

  /// One for each of the attentions. Errors of Attention.
  std::vector<AttentionMemory> project_keys(const AttentionKeys& input) const {
    std::vector<AttentionMemory> memories;
    for (const Attention<Score, Align>& attention : attentions) memories.push_back(attention.project_keys(input));
    return memories;
  }

  /// query [B, T, Q]; every hop is told the same by `call`. A query that may attend to nothing finds 0 in each hop.
  /// Errors of Attention and update; Error unless there is a memory for each attention.
  MultiHopOutput forward(const Variable& query, const std::vector<AttentionMemory>& memories,
                         const AttentionCall& call = {}) const {
    detail::check_memories(memories.size(), attentions.size());
    MultiHopOutput result{query, {}};
    for (std::int64_t hop = 0; hop < hops; ++hop) {
      const std::size_t own = attentions.size() == 1 ? 0 : to_size(hop);
      result.hops.push_back(attentions[own].forward(result.query, memories[own], call));
      result.query = updates[own].forward(result.query, result.hops.back().context);
    }
    return result;
  }

  MultiHopOutput forward(const AttentionInput& input, const AttentionCall& call = {}) const {
    return forward(input.query, project_keys({input.key, input.value, input.mask}), call);
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("attentions", self.attentions);
    visitor("updates", self.updates);
  }

  std::int64_t hops;
  ModuleList<Attention<Score, Align>> attentions;
  ModuleList<Update> updates;
};

}  // namespace heed::nn
