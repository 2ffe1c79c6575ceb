// The task model of Brauwers and Frasincar, "A general survey on attention mechanisms in deep learning", IEEE TKDE
// 2022: four parts, each of which can be another.
//
// B examples, S positions, T queries.
//   features  F = feature model(x)                              [B, S, F]
//   queries   q = query model(F, what was given)                [B, T, Q]
//   attention K = W_k·F, V = W_v·F, c = Σ_s align(score(q, K))_s·V_s   [B, T, D] (nn/attention/attention.h)
//   output    y = output model(c)                               [B, T, ..]
#pragma once

#include <optional>
#include <vector>

#include "heed/nn/attention/attention.h"
#include "heed/nn/linear.h"

namespace heed::models {

/// Feature: forward(x, lengths) -> F, and width(), the F of what it gives. Query: forward(F, given) -> q. Attention:
/// any nn::Attention<Score, Align>. Output: forward(c). Each with a Config and visit(), as every module;
/// models/task_model_parts.h has some.
template <class Feature, class Query, class Attention, class Output>
struct TaskModel {
  struct Config {
    typename Feature::Config feature;
    typename Query::Config query;
    typename Attention::Config attention;
    typename Output::Config output;
    std::int64_t key = 0, value = 0;  ///< sizes of K and D, which the attention and the output model read
    DType dtype = DType::f32;
  };

  struct Inputs {
    Variable x;                              ///< what the feature model reads, [B, S, ..]
    std::vector<std::int64_t> lengths = {};  ///< of each example, in [0, S]; empty: all S
    Variable query = {};                     ///< what the query model is given from outside
    nn::AttentionCall call = {};             ///< what the attention may be told
  };

  struct Result {
    Variable y;
    nn::AttentionOutput attention;  ///< context and weights
  };

  /// Errors of the four parts.
  TaskModel(const Config& c, const nn::ParameterSource& source)
      : feature(c.feature, source),
        query(c.query, source),
        key({.in = feature.width(), .out = c.key, .bias = false, .dtype = c.dtype}, source),
        value({.in = feature.width(), .out = c.value, .bias = false, .dtype = c.dtype}, source),
        attention(c.attention, source),
        output(c.output, source) {}

  /// Errors of the four parts.
  Result forward(const Inputs& in) const {
    const Variable features = feature.forward(in.x, in.lengths);
    const Tensor mask = in.lengths.empty() ? Tensor() : nn::length_mask(in.lengths, features.size(1));
    Result result;
    result.attention = attention.forward({.query = query.forward(features, in.query),
                                          .key = key.forward(features),
                                          .value = value.forward(features),
                                          .mask = mask},
                                         in.call);
    result.y = output.forward(result.attention.context);
    return result;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("feature", self.feature);
    visitor("query", self.query);
    visitor("key", self.key);
    visitor("value", self.value);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  Feature feature;
  Query query;
  nn::Linear key, value;
  Attention attention;
  Output output;
};

}  // namespace heed::models
