// Attention<Score, Align>: how well each key answers a query, made into weights, which mix the values.
//
// A score is a module with
//   Config
//   project_keys(keys [B, S, key]) -> projected [B, S, any]   done once for all queries
//   forward(query [B, T, query], projected) -> scores [B, T, S]
//   visit                                                     its parameters, as every module
// and an align one with forward(scores, mask) -> weights [B, T, S] and visit (attend.h has the usual one).
#pragma once

#include "heed/nn/attention/attend.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// What is attended to.
struct AttentionKeys {
  Variable key;         ///< [B, S, key]; S = 0 is a source with nothing to attend to
  Variable value = {};  ///< [B, S, D]; undefined = the keys
  Tensor mask = {};     ///< [B, 1, S] bool, true = may be attended; undefined = everything
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
  Variable values;  ///< [B, S, D], 0 where the mask is false
  Tensor mask;
};

/// The memory of example rows[i] as example i: rows [N] i64.
AttentionMemory reorder_memory(const AttentionMemory& memory, const Tensor& rows);

template <class Score, class Align = SoftmaxAlign>
struct Attention {
  using Config = typename Score::Config;

  /// Errors of the score.
  Attention(const Config& config, const ParameterSource& source, Align its_align = {})
      : score(config, source), align(std::move(its_align)) {}

  /// ShapeError when key, value and mask do not fit.
  AttentionMemory project_keys(const AttentionKeys& input) const {
    check_shapes("attention", {{"key", input.key.value(), "B S K"},
                               {"value", input.value.value(), "B S D", true},
                               {"mask", input.mask, "B 1 S", true}});
    const Variable keys = mask_padding(input.key, input.mask);
    return {score.project_keys(keys), input.value.defined() ? mask_padding(input.value, input.mask) : keys, input.mask};
  }

  /// query [B, T, query] -> context [B, T, D], weights [B, T, S]. ShapeError when query and memory do not fit.
  AttentionOutput forward(const Variable& query, const AttentionMemory& memory) const {
    check_shapes("attention", {{"query", query.value(), "B T Q"},
                               {"memory.keys", memory.keys.value(), "B S K"},
                               {"memory.values", memory.values.value(), "B S D"}});
    return attend(score.forward(query, memory.keys), memory.mask, memory.values, align);
  }

  AttentionOutput forward(const AttentionInput& input) const {
    return forward(input.query, project_keys({input.key, input.value, input.mask}));
  }

  /// The parameters of the score and of the align, without a name in front.
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    Score::visit(self.score, visitor);
    Align::visit(self.align, visitor);
  }

  Score score;
  Align align;
};

}  // namespace heed::nn
