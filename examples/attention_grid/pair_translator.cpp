#include "examples/attention_grid/pair_translator.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

void append(std::vector<Variable>& all, const std::vector<Variable>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

Variable concat_queries(const std::vector<nn::AttentionOutput>& steps, Variable nn::AttentionOutput::* part) {
  std::vector<Variable> parts;
  for (const nn::AttentionOutput& step : steps)
    if ((step.*part).defined()) parts.push_back(step.*part);
  return parts.empty() ? Variable() : concat(parts, 1);
}

}  // namespace

Tensor words_before(const Tensor& target, std::int64_t begin) {
  const Tensor first = full({target.size(0), 1}, begin, DType::i64);
  return target.size(1) == 0 ? target : concat({first, slice(target, 1, 0, target.size(1) - 1)}, 1);
}

PairTranslator::PairTranslator(const PairTranslatorConfig& c, const AttentionMaker& make,
                               const nn::ParameterSource& source)
    : config_(c),
      source_({.num_embeddings = c.vocabulary, .embedding_dim = c.width}, source),
      target_({.num_embeddings = c.vocabulary + 1, .embedding_dim = c.width}, source),
      encoder_({.cell = {.input = c.width, .hidden = c.width / 2}, .bidirectional = true}, source),
      key_({.in = c.width, .out = c.width}, source),
      decoder_({.cell = {.input = c.asking == Asking::state ? c.width : 2 * c.width, .hidden = c.width}}, source),
      readout_({.in = 2 * c.width, .out = c.width}, source),
      output_({.in = c.width, .out = c.vocabulary}, source),
      attention_(
          make({.width = c.width, .hidden = c.width, .value = c.width, .positions = c.positions, .window = c.window},
               source)) {}

std::vector<Variable> PairTranslator::parameters() const {
  std::vector<Variable> all{source_.weight, target_.weight};
  append(all, config_.reads_both_ways ? nn::parameters(encoder_) : nn::parameters(key_));
  append(all, nn::parameters(decoder_));
  append(all, nn::parameters(readout_));
  append(all, nn::parameters(output_));
  append(all, attention_->parameters());
  return all;
}

PairTranslator::Decoded PairTranslator::ask_with_states(const Variable& y, const nn::AttentionMemory& memory,
                                                        nn::AttentionCall call) const {
  const Variable states = decoder_.forward({.x = y}).output;
  return {states, attention_->forward(states, memory, call)};
}

PairTranslator::Decoded PairTranslator::ask_before(const Variable& y, const nn::AttentionMemory& memory,
                                                   nn::AttentionCall call) const {
  const nn::GruCell& cell = decoder_.cells[0];
  Variable state = cell.initial_state(y.size(0));
  std::vector<Variable> states;
  std::vector<nn::AttentionOutput> steps;
  for (std::int64_t t = 0; t < y.size(1); ++t) {
    call.first_query = t;
    steps.push_back(attention_->forward(unsqueeze(state, 1), memory, call));
    call.previous_weights = steps.back().weights;
    state = cell.forward(concat({select(y, 1, t), squeeze(steps.back().context, 1)}, 1), state);
    states.push_back(state);
  }
  return {stack(states, 1),
          {concat_queries(steps, &nn::AttentionOutput::context), concat_queries(steps, &nn::AttentionOutput::weights),
           concat_queries(steps, &nn::AttentionOutput::log_probability),
           concat_queries(steps, &nn::AttentionOutput::entropy)}};
}

Answers PairTranslator::translate(const models::PairBatch& pairs, Generator* draws) const {
  const Variable x = nn::SinusoidalPositions::forward(source_.forward(pairs.source.ids));
  const Variable keys =
      config_.reads_both_ways ? encoder_.forward({.x = x, .lengths = pairs.source.lengths}).output : key_.forward(x);
  const nn::AttentionMemory memory =
      attention_->project_keys({.key = keys, .mask = nn::length_mask(pairs.source.lengths, pairs.source.ids.size(1))});
  const Variable y = nn::SinusoidalPositions::forward(target_.forward(words_before(pairs.target, config_.vocabulary)));
  const nn::AttentionCall call{.target_length = pairs.target.size(1), .generator = draws};
  const Decoded decoded =
      config_.asking == Asking::state ? ask_with_states(y, memory, call) : ask_before(y, memory, call);
  const Variable read = tanh(readout_.forward(concat({decoded.found.context, decoded.states}, 2)));
  const Tensor counted = to(squeeze(nn::length_mask(pairs.target_lengths, pairs.target.size(1)), 1), DType::f32);
  return {output_.forward(read), pairs.target, counted, decoded.found};
}

Answers PairTranslator::answer(std::int64_t batch, Generator& examples, Generator* draws) const {
  std::vector<models::SequencePair> pairs;
  for (std::int64_t b = 0; b < batch; ++b) pairs.push_back(config_.draw(examples));
  return translate(models::batch_pairs(pairs), draws);
}

}  // namespace heed::examples
