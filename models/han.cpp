#include "heed/models/han.h"

#include <fmt/format.h>

#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::models {
namespace {

const Han::Config& checked(const Han::Config& c) {
  nn::check_sizes("han", {{"vocabulary", c.vocabulary},
                          {"classes", c.classes},
                          {"embedding", c.embedding},
                          {"hidden", c.hidden},
                          {"attention", c.attention}});
  return c;
}

nn::Recurrent<nn::GruCell>::Config both_ways(std::int64_t input, const Han::Config& c) {
  return {.cell = {.input = input, .hidden = c.hidden, .dtype = c.dtype}, .bidirectional = true};
}

nn::AttentionPooling::Config pooling(const Han::Config& c) {
  return {.input = 2 * c.hidden, .hidden = c.attention, .dtype = c.dtype};
}

// Sentences up to the last one with words.
std::vector<std::int64_t> document_lengths(std::span<const std::int64_t> lengths, std::int64_t documents) {
  std::vector<std::int64_t> result(to_size(documents), 0);
  if (documents == 0) return result;
  const std::size_t sentences = lengths.size() / to_size(documents);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] > 0) result[i / sentences] = static_cast<std::int64_t>(i % sentences) + 1;
  return result;
}

}  // namespace

Han::Han(const Config& c, const nn::ParameterSource& source)
    : embedding({.num_embeddings = checked(c).vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, source),
      word_rnn(both_ways(c.embedding, c), source),
      word_pooling(pooling(c), source),
      sentence_rnn(both_ways(2 * c.hidden, c), source),
      sentence_pooling(pooling(c), source),
      output({.in = 2 * c.hidden, .out = c.classes, .dtype = c.dtype}, source) {}

HanOutput Han::forward(const Tensor& ids, std::span<const std::int64_t> lengths) const {
  const Sizes size = check_shapes("han", {{"ids", ids, "B M T"}});
  const std::int64_t B = size['B'], M = size['M'], T = size['T'];
  std::vector<std::int64_t> words(lengths.begin(), lengths.end());
  if (words.empty()) words.assign(to_size(B * M), T);
  if (words.size() != to_size(B * M))
    throw ShapeError(fmt::format("han: {} lengths, expected {}: one for each sentence of ids {}", words.size(), B * M,
                                 ids.shape().str()));

  const Variable vectors = reshape(embedding.forward(ids), {B * M, T, embedding.weight.size(1)});
  const Variable annotations = word_rnn.forward({.x = vectors, .lengths = words}).output;  // [B·M, T, 2H]
  const auto sentences = word_pooling.forward(annotations, nn::length_mask(words, T));     // [B·M, 2H]
  const Variable read = sentence_rnn
                            .forward({.x = reshape(sentences.context, {B, M, sentences.context.size(1)}),
                                      .lengths = document_lengths(words, B)})
                            .output;  // [B, M, 2H]
  const Tensor has_words = less(zeros({B, 1, M}, DType::i64), tensor(words, {B, 1, M}));
  const auto document = sentence_pooling.forward(read, has_words);  // [B, 2H]
  return {output.forward(document.context), document.weights, reshape(sentences.weights, {B, M, T})};
}

}  // namespace heed::models
