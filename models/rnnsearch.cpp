#include "heed/models/rnnsearch.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/maxout.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::models {
namespace {

using nn::Linear;

nn::Linear::Config layer(std::int64_t in, std::int64_t out, bool bias, DType dtype) {
  return {.in = in, .out = out, .bias = bias, .dtype = dtype};
}

// What the paper's appendix starts from: biases 0, recurrent matrices orthogonal, gate by gate, and all other weights
// from N(0, stddev²).
nn::Initialiser paper_values(double stddev) {
  return [stddev](const nn::ParameterSpec& p, Generator& generator) {
    if (p.kind == nn::ParameterKind::bias) return zeros(p.shape, p.dtype);
    if (p.kind == nn::ParameterKind::weight) return normal(generator, p.shape, 0, stddev, p.dtype);
    const std::int64_t n = p.shape[1];
    std::vector<Tensor> gates;
    for (std::int64_t row = 0; row < p.shape[0]; row += n)
      gates.push_back(nn::orthogonal(generator, {n, n}, 1, p.dtype));
    return concat(gates, 0);
  };
}

const RnnSearchConfig& checked(const RnnSearchConfig& c) {
  nn::check_sizes("rnnsearch", {{"source_vocabulary", c.source_vocabulary},
                                {"target_vocabulary", c.target_vocabulary},
                                {"embedding", c.embedding},
                                {"hidden", c.hidden},
                                {"alignment", c.alignment},
                                {"maxout", c.maxout}});
  return c;
}

}  // namespace

RnnSearch::RnnSearch(const Config& c, const nn::ParameterSource& source)
    : RnnSearch(checked(c), source, source.with(paper_values(c.stddev))) {}

RnnSearch::RnnSearch(const Config& c, const nn::ParameterSource& source, const nn::ParameterSource& paper)
    : source_embedding_({.num_embeddings = c.source_vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, paper),
      target_embedding_({.num_embeddings = c.target_vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, paper),
      encoder_({.cell = {.input = c.embedding, .hidden = c.hidden, .reset = GruReset::before, .dtype = c.dtype},
                .bidirectional = true},
               paper),
      init_state_(layer(c.hidden, c.hidden, true, c.dtype), paper),
      attention_({.query = c.hidden, .key = 2 * c.hidden, .hidden = c.alignment, .dtype = c.dtype}, source),
      token_gates_(layer(c.embedding, 3 * c.hidden, true, c.dtype), paper),
      decoder_({.input = 2 * c.hidden, .hidden = c.hidden, .bias = false, .reset = GruReset::before, .dtype = c.dtype},
               paper),
      readout_state_(layer(c.hidden, 2 * c.maxout, true, c.dtype), paper),
      readout_token_(layer(c.embedding, 2 * c.maxout, false, c.dtype), paper),
      readout_context_(layer(2 * c.hidden, 2 * c.maxout, false, c.dtype), paper),
      output_(layer(c.maxout, c.target_vocabulary, true, c.dtype), paper),
      config_(c) {}

RnnSearch::Encoded RnnSearch::encode(const SourceBatch& source) const {
  const Sizes size = check_shapes("rnnsearch", {{"source ids", source.ids, "B S"}});
  if (size['S'] == 0)
    throw ShapeError(fmt::format("rnnsearch: source ids are {}, expected S > 0", source.ids.shape().str()));
  check_lengths("rnnsearch", source.lengths, size['B'], size['S']);
  const nn::Gru::Output read =
      encoder_.forward({.x = source_embedding_.forward(source.ids), .lengths = source.lengths});
  // The backward direction ends at the first word: its final state is ←h_1.
  return {attention_.project_keys({.key = read.output, .mask = nn::length_mask(source.lengths, size['S'])}),
          tanh(init_state_.forward(select(read.final_state, 0, 1)))};
}

RnnSearch::Step RnnSearch::step(const Variable& token_gates, const Variable& state,
                                const nn::AttentionMemory& memory) const {
  const nn::AttentionOutput found = attention_.forward(unsqueeze(state, 1), memory);  // [B, 1, 2n], [B, 1, S]
  const Variable context = squeeze(found.context, 1);                                 // [B, 2n]
  return {context, squeeze(found.weights, 1), decoder_.step(token_gates + decoder_.gates(context), state)};
}

Variable RnnSearch::read_out(const Variable& state, const Variable& token, const Variable& context) const {
  const Variable t = readout_state_.forward(state) + readout_token_.forward(token) + readout_context_.forward(context);
  return output_.forward(nn::maxout(t));  // [.., 2l] -> [.., l] -> [.., V]
}

RnnSearchOutput RnnSearch::forward(const SourceBatch& source, const Tensor& target) const {
  const Sizes size = check_shapes("rnnsearch", {{"source ids", source.ids, "B S"}, {"target ids", target, "B T"}});
  if (size['T'] == 0)
    throw ShapeError(fmt::format("rnnsearch: target ids are {}, expected T > 0", target.shape().str()));
  const Encoded encoded = encode(source);
  const Variable tokens = target_embedding_.forward(target);                           // [B, T, m]
  const std::vector<Variable> token_gates = unstack(token_gates_.forward(tokens), 1);  // T × [B, 3n]
  std::vector<Variable> states, contexts, weights;
  Variable state = encoded.initial_state;
  for (const Variable& gates : token_gates) {
    Step next = step(gates, state, encoded.memory);
    states.push_back(config_.readout_state == ReadoutState::previous ? state : next.state);
    contexts.push_back(std::move(next.context));
    weights.push_back(std::move(next.weights));
    state = std::move(next.state);
  }
  // What is read out depends on no later step, so the largest products are done once for all times.
  return {read_out(stack(states, 1), tokens, stack(contexts, 1)), stack(weights, 1)};
}

std::vector<nn::Hypothesis> RnnSearch::translate(const SourceBatch& source, const nn::BeamSearchConfig& search) const {
  const NoGrad no_gradients;
  const Encoded encoded = encode(source);
  Variable state = encoded.initial_state;
  nn::AttentionMemory memory = encoded.memory;
  const nn::Decoder decoder{.step =
                                [&](const Tensor& tokens) {
                                  const Variable token = target_embedding_.forward(tokens);  // [N, m]
                                  Step next = step(token_gates_.forward(token), state, memory);
                                  const Variable& read =
                                      config_.readout_state == ReadoutState::previous ? state : next.state;
                                  const Tensor logits = read_out(read, token, next.context).value();
                                  state = next.state;
                                  return nn::DecoderStep{log_softmax(logits), next.weights.value()};
                                },
                            .reorder =
                                [&](const Tensor& rows) {
                                  state = nn::reorder_state(state, rows);
                                  // The sources stay where they are but for the first call, which gives each sentence
                                  // its rows.
                                  if (rows.numel() != memory.keys.size(0)) memory = nn::reorder_memory(memory, rows);
                                }};
  return beam_search(decoder, source.ids.size(0), search);
}

}  // namespace heed::models
