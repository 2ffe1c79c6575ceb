#include "heed/models/bert.h"

#include "heed/autograd/ops/activation.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::models {
namespace {

const BertConfig& checked(const BertConfig& c) {
  nn::check_sizes("bert", {{"vocabulary", c.vocabulary},
                           {"positions", c.positions},
                           {"segments", c.segments},
                           {"embedding", c.embedding},
                           {"heads", c.heads},
                           {"layers", c.layers},
                           {"feedforward", c.feedforward}});
  return c;
}

Tensor small(const nn::ParameterSpec& p, Generator& generator) {
  if (p.kind == nn::ParameterKind::weight) return truncated_normal(generator, p.shape, 0, 0.02, -0.04, 0.04, p.dtype);
  return p.kind == nn::ParameterKind::bias ? zeros(p.shape, p.dtype) : Tensor();
}

Tensor all_zero(const nn::ParameterSpec& p, Generator&) { return zeros(p.shape, p.dtype); }

nn::Embedding::Config embedding(std::int64_t count, const BertConfig& c) {
  return {.num_embeddings = count, .embedding_dim = c.embedding, .dtype = c.dtype};
}

nn::LayerNorm::Config norm(const BertConfig& c) {
  return {.normalized_shape = {c.embedding}, .epsilon = c.epsilon, .dtype = c.dtype};
}

nn::Linear::Config dense(std::int64_t out, const BertConfig& c) {
  return {.in = c.embedding, .out = out, .dtype = c.dtype};
}

nn::TransformerEncoder::Config stack(const BertConfig& c) {
  return {.layer = {.embed = c.embedding,
                    .heads = c.heads,
                    .feedforward = c.feedforward,
                    .dropout = c.dropout,
                    .activation = nn::FeedForwardActivation::gelu,
                    .epsilon = c.epsilon,
                    .dtype = c.dtype},
          .layers = c.layers};
}

}  // namespace

Bert::Bert(const Config& c, const nn::ParameterSource& source) : Bert(checked(c), Drawn{source.with(small)}) {}

Bert::Bert(const Config& c, const Drawn& drawn)
    : embedding_(embedding(c.vocabulary, c), drawn.source),
      positions_({c.positions, c.embedding, c.dtype}, drawn.source),
      segments_(embedding(c.segments, c), drawn.source),
      embedding_norm_(norm(c), drawn.source),
      encoder_(stack(c), drawn.source),
      token_dense_(dense(c.embedding, c), drawn.source),
      token_norm_(norm(c), drawn.source),
      token_bias_(drawn.source.make({{c.vocabulary}, nn::ParameterKind::bias, c.dtype}, all_zero)),
      pooler_(dense(c.embedding, c), drawn.source),
      next_sentence_(dense(2, c), drawn.source),
      dropout_({.p = c.dropout}),
      config_(c) {}

nn::TransformerEncoder::Output Bert::forward(const Inputs& in) const {
  check_shapes("bert", {{"ids", in.ids, "B T"}, {"segments", in.segments, "B T", true}});
  const Tensor segments = in.segments.defined() ? in.segments : zeros(in.ids.shape(), DType::i64);
  const Variable x = positions_.forward(embedding_.forward(in.ids) + segments_.forward(segments));
  return encoder_.forward({.x = dropout_.forward(embedding_norm_.forward(x), in.generator),
                           .mask = in.mask,
                           .causal = in.causal,
                           .generator = in.generator,
                           .need_weights = in.need_weights});
}

Variable Bert::token_logits(const Variable& y) const {
  return linear(token_norm_.forward(gelu(token_dense_.forward(y))), embedding_.weight, token_bias_);
}

Variable Bert::next_sentence_logits(const Variable& y) const {
  check_shapes("bert", {{"y", y.value(), "B T E"}});
  return next_sentence_.forward(tanh(pooler_.forward(select(y, 1, 0))));
}

}  // namespace heed::models
