#include "heed/models/task_model_parts.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/mask.h"
#include "heed/tensor/check_shapes.h"

namespace heed::models {
namespace {

// What is padding is 0: a convolution reads beyond an example's end.
Variable real(const Variable& x, std::span<const std::int64_t> lengths) {
  check_shapes("task model", {{"x", x.value(), "B S I"}});
  return lengths.empty() ? x : nn::mask_padding(x, lengths);
}

const LearnedQuery::Config& checked(const LearnedQuery::Config& c) {
  nn::check_sizes("learned query", {{"query", c.query}});
  return c;
}

}  // namespace

Variable LinearFeatures::forward(const Variable& x, std::span<const std::int64_t> lengths) const {
  return linear.forward(real(x, lengths));
}

ConvFeatures::ConvFeatures(const Config& c, const nn::ParameterSource& source)
    : conv({.in = c.in, .out = c.out, .kernel = c.kernel, .padding = nn::Conv1dPaddingRule::same, .dtype = c.dtype},
           source) {}

Variable ConvFeatures::forward(const Variable& x, std::span<const std::int64_t> lengths) const {
  return relu(mT(conv.forward(mT(real(x, lengths)))));
}

RecurrentFeatures::RecurrentFeatures(const Config& c, const nn::ParameterSource& source)
    : rnn({.cell = {.input = c.in, .hidden = c.hidden, .dtype = c.dtype}, .bidirectional = true}, source) {}

Variable RecurrentFeatures::forward(const Variable& x, std::span<const std::int64_t> lengths) const {
  return rnn.forward({.x = x, .lengths = {lengths.begin(), lengths.end()}}).output;
}

LearnedQuery::LearnedQuery(const Config& c, const nn::ParameterSource& source)
    : weight(source.make({{checked(c).query}, nn::ParameterKind::weight, c.dtype}, c.query)) {}

Variable LearnedQuery::forward(const Variable& features, const Variable&) const {
  return expand(reshape(weight, {1, 1, weight.size(0)}), {features.size(0), 1, weight.size(0)});
}

Variable GivenQuery::forward(const Variable&, const Variable& given) {
  if (!given.defined()) throw Error("task model: its queries come from outside, and none is given");
  return given;
}

}  // namespace heed::models
