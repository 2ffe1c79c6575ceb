#include "examples/claims/sentence_reader.h"

#include <fmt/format.h>

#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {

SentenceReader::SentenceReader(const Config& c, const nn::ParameterSource& source)
    : embedding({.num_embeddings = c.vocabulary, .embedding_dim = c.width}, source),
      encoder({.layer = {.embed = c.width, .heads = 1, .feedforward = 2 * c.width, .dropout = 0, .norm_first = true},
               .layers = c.layers,
               .final_norm = true},
              source),
      output({.in = c.width, .out = c.classes}, source) {}

Variable SentenceReader::forward(const Tensor& ids, std::int64_t position) const {
  const Variable read = encoder.forward({.x = nn::SinusoidalPositions::forward(embedding.forward(ids))}).y;
  return output.forward(select(read, 1, position));
}

std::vector<Tensor> layer_weights(const SentenceReader& reader, const Tensor& ids) {
  const NoGrad no_gradients;
  const nn::AttentionRecorder recorder(reader);
  reader.forward(ids, 0);
  std::vector<Tensor> layers;
  for (const nn::AttentionRecord& found : recorder.records()) layers.push_back(found.weights);
  return layers;
}

std::vector<std::string> words_of(const models::WordList& list, const Tensor& ids, std::int64_t row) {
  std::vector<std::string> words;
  for (std::int64_t t = 0; t < ids.size(1); ++t)
    words.emplace_back(list.word(select(select(ids, 0, row), 0, t).item<std::int64_t>()));
  return words;
}

std::vector<nn::AttentionMap> sentence_maps(const std::string& layer, const Tensor& weights,
                                            const models::WordList& list, const Tensor& ids) {
  std::vector<nn::AttentionMap> maps;
  for (std::int64_t row = 0; row < weights.size(0); ++row) {
    const std::vector<std::string> words = words_of(list, ids, row);
    maps.push_back(nn::attention_map(layer, weights, row, words, words));
    maps.back().step = fmt::format("sentence {}", row + 1);
  }
  return maps;
}

}  // namespace heed::examples
