#include "heed/models/text_classifier.h"

#include <algorithm>
#include <vector>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/dropout.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::models {
namespace {

const TextClassifierConfig& checked(const TextClassifierConfig& c) {
  nn::check_sizes(
      "text_classifier",
      {{"vocabulary", c.vocabulary}, {"classes", c.classes}, {"embedding", c.embedding}, {"hidden", c.hidden}});
  nn::check_probability("text_classifier: dropout", c.dropout);
  return c;
}

Variable dropped(const Variable& x, double p, Generator* generator) {
  return generator ? nn::dropout(x, p, *generator) : x;
}

}  // namespace

BagClassifier::BagClassifier(const Config& c, const nn::ParameterSource& source)
    : embedding_({.num_embeddings = checked(c).vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, source),
      output_({.in = c.embedding, .out = c.classes, .dtype = c.dtype}, source),
      config_(c) {}

Variable BagClassifier::forward(const Tensor& ids, std::span<const std::int64_t> lengths, Generator* dropout) const {
  const Variable words = dropped(embedding_.forward(ids), config_.dropout, dropout);
  nn::detail::check_sequences("text_classifier", words, config_.embedding, lengths);
  const Variable read = nn::mask_padding(words, lengths);
  Tensor counts = empty({ids.size(0), 1}, DType::f64);
  for (std::int64_t b = 0; b < ids.size(0); ++b)
    counts.mutable_data<double>()[b] =
        static_cast<double>(std::max<std::int64_t>(1, lengths.empty() ? ids.size(1) : lengths[to_size(b)]));
  const Variable mean = sum(read, 1) / Variable(to(counts, config_.dtype));
  return output_.forward(dropped(mean, config_.dropout, dropout));
}

template <class Cell>
RecurrentClassifier<Cell>::RecurrentClassifier(const Config& c, const nn::ParameterSource& source)
    : embedding_({.num_embeddings = checked(c).vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, source),
      rnn_({.cell = {.input = c.embedding, .hidden = c.hidden, .dtype = c.dtype}, .bidirectional = true}, source),
      output_({.in = 2 * c.hidden, .out = c.classes, .dtype = c.dtype}, source),
      config_(c) {}

template <class Cell>
Variable RecurrentClassifier<Cell>::forward(const Tensor& ids, std::span<const std::int64_t> lengths,
                                            Generator* dropout) const {
  const auto read = rnn_.forward(
      {.x = dropped(embedding_.forward(ids), config_.dropout, dropout), .lengths = {lengths.begin(), lengths.end()}});
  const Variable last = Cell::output(read.final_state);  // [2, B, H]
  const Variable both = concat({select(last, 0, 0), select(last, 0, 1)}, -1);
  return output_.forward(dropped(both, config_.dropout, dropout));
}

template class RecurrentClassifier<nn::GruCell>;
template class RecurrentClassifier<nn::LstmCell>;

}  // namespace heed::models
