// Feature models and query models for models/task_model.h. What stands behind an example's length reaches no feature
// before it.
#pragma once

#include <span>

#include "heed/nn/conv1d.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"

namespace heed::models {

/// F = W·x + b, position by position: x [B, S, in] -> [B, S, out].
struct LinearFeatures {
  using Config = nn::Linear::Config;

  LinearFeatures(const Config& config, const nn::ParameterSource& source) : linear(config, source) {}

  Variable forward(const Variable& x, std::span<const std::int64_t> lengths) const;
  std::int64_t width() const { return linear.weight.size(0); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("linear", self.linear);
  }

  nn::Linear linear;
};

/// F = relu(convolution of x), as long as x: x [B, S, in] -> [B, S, out]. An odd kernel looks as far to both sides.
struct ConvFeatures {
  struct Config {
    std::int64_t in = 0, out = 0, kernel = 3;
    DType dtype = DType::f32;
  };

  ConvFeatures(const Config& config, const nn::ParameterSource& source);

  Variable forward(const Variable& x, std::span<const std::int64_t> lengths) const;
  std::int64_t width() const { return conv.weight.size(0); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("conv", self.conv);
  }

  nn::Conv1d conv;
};

/// F = the states of a bidirectional GRU: x [B, S, in] -> [B, S, 2·hidden].
struct RecurrentFeatures {
  struct Config {
    std::int64_t in = 0, hidden = 0;
    DType dtype = DType::f32;
  };

  RecurrentFeatures(const Config& config, const nn::ParameterSource& source);

  Variable forward(const Variable& x, std::span<const std::int64_t> lengths) const;
  std::int64_t width() const { return 2 * rnn.config.cell.hidden; }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("rnn", self.rnn);
  }

  nn::Gru rnn;
};

/// One learned query for every example: [B, 1, Q]. Parameter: weight [Q], drawn from U(-1/√Q, 1/√Q).
struct LearnedQuery {
  struct Config {
    std::int64_t query = 0;
    DType dtype = DType::f32;
  };

  /// ShapeError unless the size is positive.
  LearnedQuery(const Config& config, const nn::ParameterSource& source);

  Variable forward(const Variable& features, const Variable& given) const;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }

  nn::Parameter weight;
};

/// The query from outside, [B, T, Q], as it is: a question about the text, the state of a decoder.
struct GivenQuery {
  struct Config {};

  GivenQuery(const Config&, const nn::ParameterSource&) {}

  /// Error where none is given.
  static Variable forward(const Variable& features, const Variable& given);

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

/// A query for each position, W·F: self-attention, [B, S, Q]. Parameter: linear.weight.
struct SelfQuery {
  struct Config {
    std::int64_t features = 0, query = 0;
    DType dtype = DType::f32;
  };

  SelfQuery(const Config& c, const nn::ParameterSource& source)
      : linear({.in = c.features, .out = c.query, .bias = false, .dtype = c.dtype}, source) {}

  Variable forward(const Variable& features, const Variable&) const { return linear.forward(features); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("linear", self.linear);
  }

  nn::Linear linear;
};

}  // namespace heed::models
