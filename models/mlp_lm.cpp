#include "heed/models/mlp_lm.h"

#include <fmt/format.h>

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/ops/movement.h"

namespace heed::models {
namespace {

const MlpLmConfig& checked(const MlpLmConfig& c) {
  nn::check_sizes("mlp_lm", {{"vocabulary", c.vocabulary}, {"context", c.context}, {"embedding", c.embedding}});
  if (c.hidden != 0) nn::check_sizes("mlp_lm", {{"hidden", c.hidden}});
  if (c.hidden == 0 && !c.direct)
    throw ShapeError("mlp_lm: hidden is 0 and there are no direct connections: nothing would read the context");
  if (c.context > (std::int64_t{1} << 56) / c.embedding)
    throw ShapeError(
        fmt::format("mlp_lm: {} tokens of context times embedding {} are too many inputs", c.context, c.embedding));
  return c;
}

std::int64_t inputs(const MlpLmConfig& c) { return c.context * c.embedding; }

// None where there is nothing to give.
nn::Parameter weight(const nn::ParameterSource& source, std::int64_t out, std::int64_t in, DType dtype) {
  return out > 0 ? source.make({{out, in}, nn::ParameterKind::weight, dtype}, in) : nn::Parameter();
}

nn::Parameter bias(const nn::ParameterSource& source, std::int64_t out, std::int64_t in, DType dtype) {
  return out > 0 ? source.make({{out}, nn::ParameterKind::bias, dtype}, in) : nn::Parameter();
}

}  // namespace

MlpLm::MlpLm(const Config& c, const nn::ParameterSource& source)
    : embedding_({.num_embeddings = checked(c).vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, source),
      hidden_weight_(weight(source, c.hidden, inputs(c), c.dtype)),
      hidden_bias_(bias(source, c.hidden, inputs(c), c.dtype)),
      direct_weight_(weight(source, c.direct ? c.vocabulary : 0, inputs(c), c.dtype)),
      output_weight_(weight(source, c.hidden > 0 ? c.vocabulary : 0, c.hidden, c.dtype)),
      output_bias_(bias(source, c.vocabulary, c.hidden > 0 ? c.hidden : inputs(c), c.dtype)),
      config_(c) {}

Variable MlpLm::forward(const Tensor& ids) const {
  check_defined("mlp_lm", "ids", ids);
  if (ids.rank() != 2 || ids.size(1) < config_.context)
    throw ShapeError(fmt::format("mlp_lm: ids {}, expected [B, {} or more]", ids.shape().str(), config_.context));
  const Variable tokens = embedding_.forward(ids);               // [B, T + n - 2, m]
  const std::int64_t times = ids.size(1) - config_.context + 1;  // T
  std::vector<Variable> parts;
  for (std::int64_t i = 0; i < config_.context; ++i) parts.push_back(slice(tokens, 1, i, i + times));
  const Variable x = concat(parts, -1);  // [B, T, (n - 1) m]
  if (config_.hidden == 0) return linear(x, direct_weight_, output_bias_);
  const Variable logits = linear(tanh(linear(x, hidden_weight_, hidden_bias_)), output_weight_, output_bias_);
  return config_.direct ? logits + linear(x, direct_weight_) : logits;  // [B, T, V]
}

Variable MlpLm::loss(const Tensor& ids, const Tensor& weights) const {
  check_defined("mlp_lm", "ids", ids);
  if (ids.rank() != 2 || ids.size(1) <= config_.context)
    throw ShapeError(fmt::format("mlp_lm: ids {}, expected [B, {} or more]", ids.shape().str(), config_.context + 1));
  const std::int64_t length = ids.size(1);
  return cross_entropy(forward(slice(ids, 1, 0, length - 1)), slice(ids, 1, config_.context, length), weights);
}

}  // namespace heed::models
