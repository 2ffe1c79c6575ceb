#include "heed/models/transformer.h"

#include <algorithm>
#include <cmath>

#include "heed/autograd/fused/sequence_order.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/no_grad.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::models {
namespace {

const TransformerConfig& checked(const TransformerConfig& c) {
  nn::check_sizes("transformer", {{"source_vocabulary", c.source_vocabulary},
                                  {"target_vocabulary", c.target_vocabulary},
                                  {"embedding", c.embedding},
                                  {"heads", c.heads},
                                  {"layers", c.layers},
                                  {"feedforward", c.feedforward}});
  return c;
}

nn::Embedding embedding(std::int64_t words, const TransformerConfig& c, const nn::ParameterSource& source) {
  const double stddev = 1 / std::sqrt(static_cast<double>(c.embedding));
  return {{.num_embeddings = words, .embedding_dim = c.embedding, .dtype = c.dtype},
          source.with([stddev](const nn::ParameterSpec& p, Generator& generator) {
            return normal(generator, p.shape, 0, stddev, p.dtype);
          })};
}

nn::Transformer::Config core(const TransformerConfig& c) {
  return {.layer = {.embed = c.embedding,
                    .heads = c.heads,
                    .feedforward = c.feedforward,
                    .dropout = c.dropout,
                    .norm_first = c.norm_first,
                    .dtype = c.dtype},
          .encoder_layers = c.layers,
          .decoder_layers = c.layers,
          .final_norm = c.norm_first};
}

// Checks the sentences; gives the mask of their words.
Tensor source_mask(const SourceBatch& source) {
  const Sizes size = check_shapes("transformer", {{"source ids", source.ids, "B S"}});
  check_lengths("transformer", source.lengths, size['B'], size['S']);
  return nn::length_mask(source.lengths, size['S']);
}

}  // namespace

Transformer::Transformer(const Config& c, const nn::ParameterSource& source)
    : source_embedding_(embedding(checked(c).source_vocabulary, c, source)),
      target_embedding_(embedding(c.target_vocabulary, c, source)),
      transformer_(core(c), source),
      dropout_({.p = c.dropout}),
      config_(c) {}

Variable Transformer::embed(const nn::Embedding& embedding, const Tensor& ids, std::int64_t first,
                            Generator* generator) const {
  const Variable words = embedding.forward(ids) * std::sqrt(static_cast<double>(config_.embedding));
  return dropout_.forward(config_.positions ? nn::SinusoidalPositions::forward(words, first) : words, generator);
}

TransformerOutput Transformer::forward(const Inputs& in) const {
  check_shapes("transformer", {{"source ids", in.source.ids, "B S"}, {"target ids", in.target, "B T"}});
  const Tensor mask = source_mask(in.source);
  const Variable source = embed(source_embedding_, in.source.ids, 0, in.generator);
  const Variable target = embed(target_embedding_, in.target, 0, in.generator);
  auto found = transformer_.forward({.source = source,
                                     .target = target,
                                     .source_mask = mask,
                                     .generator = in.generator,
                                     .need_weights = in.need_weights});
  return {linear(found.y, target_embedding_.weight), std::move(found.encoder), std::move(found.decoder)};
}

std::vector<nn::Hypothesis> Transformer::translate(const SourceBatch& source,
                                                   const nn::BeamSearchConfig& search) const {
  const NoGrad no_gradients;
  Tensor mask = source_mask(source);
  const Variable memory =
      transformer_.encoder.forward({.x = embed(source_embedding_, source.ids, 0, nullptr), .mask = mask}).y;
  nn::TransformerDecoder::Cache cache =
      transformer_.decoder.make_cache(memory, mask, std::max<std::int64_t>(search.max_length, 1));
  const nn::Decoder decoder{
      .step =
          [&](const Tensor& tokens) {
            const Variable x =
                embed(target_embedding_, unsqueeze(tokens, 1), cache.front().length(), nullptr);  // [N, 1, E]
            const auto found = transformer_.decoder.forward({.x = x, .memory_mask = mask, .need_weights = true}, cache);
            const Tensor logits = select(linear(found.y, target_embedding_.weight).value(), 1, 0);
            const Tensor weights = mean(select(found.layers.back().memory_weights.value(), 2, 0), {1});  // [N, S]
            return nn::DecoderStep{log_softmax(logits), weights};
          },
      .reorder =
          [&](const Tensor& rows) {
            for (nn::TransformerDecoderLayer::Cache& layer : cache) layer.reorder(rows);
            mask = index_select(mask, 0, rows);
          }};
  return beam_search(decoder, source.ids.size(0), search);
}

}  // namespace heed::models
