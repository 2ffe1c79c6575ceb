// Attention via attention: what is found in the words of a text guides where its characters are looked at (Zhao and
// Zhang 2018, "Attention-via-attention neural machine translation").
#pragma once

#include "heed/nn/attention/attention.h"

namespace heed::nn {

struct AttentionViaAttentionOutput {
  AttentionOutput high, low;  ///< contexts [B, T, D] of the words, [B, T, E] of the characters

  /// Both, [B, T, D + E].
  Variable context() const { return concat({high.context, low.context}, 2); }
};

/// high = attention of q [B, T, Q] over the upper level (words), low = attention of [q; high] [B, T, Q + D] over the
/// lower one (characters), whose keys need not be as many. Parameters: high…, whose queries are Q wide, and low…, Q +
/// D.
template <class Score, class Align = SoftmaxAlign>
struct AttentionViaAttention {
  struct Config {
    typename Score::Config high = {}, low = {};
  };

  /// Errors of the score.
  AttentionViaAttention(const Config& config, const ParameterSource& source, const Align& align = {})
      : high(config.high, source, align), low(config.low, source, align) {}

  struct Memory {
    AttentionMemory high, low;
  };

  /// What each level is told: weights of the query before are its own.
  struct Call {
    AttentionCall high = {}, low = {};
  };

  /// Both levels, prepared for queries that come one at a time. Errors of Attention.
  Memory project_keys(const AttentionKeys& of_high, const AttentionKeys& of_low) const {
    return {high.project_keys(of_high), low.project_keys(of_low)};
  }

  /// A query that may attend to no word still reads the characters, and the other way round. Errors of Attention.
  AttentionViaAttentionOutput forward(const Variable& query, const Memory& memory, const Call& call = {}) const {
    AttentionViaAttentionOutput found{high.forward(query, memory.high, call.high), {}};
    found.low = low.forward(concat({query, found.high.context}, 2), memory.low, call.low);
    return found;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("high", self.high);
    visitor("low", self.low);
  }

  Attention<Score, Align> high, low;
};

}  // namespace heed::nn
