#include "heed/models/rnnsearch.h"

#include <fmt/format.h>

#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/index.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/maxout.h"
#include "heed/tensor/create.h"

namespace heed::models {
namespace {

using nn::Linear;

nn::Linear::Config layer(std::int64_t in, std::int64_t out, bool bias, DType dtype) {
  return {.in = in, .out = out, .bias = bias, .dtype = dtype};
}

// U for the three gates: three orthogonal matrices, one above the other.
Tensor recurrent_matrix(Generator& generator, std::int64_t n, DType dtype) {
  std::vector<Tensor> gates;
  for (int gate = 0; gate < 3; ++gate) gates.push_back(nn::orthogonal(generator, n, n, dtype));
  return concat(gates, 0);
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

RnnSearch::RnnSearch(const Config& c, Generator& generator)
    : source_embedding_({.count = checked(c).source_vocabulary, .width = c.embedding, .dtype = c.dtype}, generator),
      target_embedding_({.count = c.target_vocabulary, .width = c.embedding, .dtype = c.dtype}, generator),
      encoder_({.input = c.embedding,
                .hidden = c.hidden,
                .bidirectional = true,
                .reset = GruReset::before,
                .dtype = c.dtype},
               generator),
      start_(layer(c.hidden, c.hidden, true, c.dtype), generator),
      attention_({.query = c.hidden, .key = 2 * c.hidden, .hidden = c.alignment, .dtype = c.dtype}, generator),
      token_gates_(layer(c.embedding, 3 * c.hidden, true, c.dtype), generator),
      context_gates_(layer(2 * c.hidden, 3 * c.hidden, false, c.dtype), generator),
      recurrent_(recurrent_matrix(generator, c.hidden, c.dtype)),
      readout_state_(layer(c.hidden, 2 * c.maxout, true, c.dtype), generator),
      readout_token_(layer(c.embedding, 2 * c.maxout, false, c.dtype), generator),
      readout_context_(layer(2 * c.hidden, 2 * c.maxout, false, c.dtype), generator),
      output_(layer(c.maxout, c.target_vocabulary, true, c.dtype), generator),
      config_(c) {
  // The layers above start as they do elsewhere; the paper's appendix has its own rules.
  nn::for_each_parameter(*this, [&](const std::string& name, nn::Parameter& parameter) {
    if (name.starts_with("attention.") || name == "recurrent") return;
    if (parameter.rank() == 1)
      parameter = nn::Parameter(zeros(parameter.shape(), c.dtype));
    else if (name.starts_with("encoder.weight_hh"))
      parameter = nn::Parameter(recurrent_matrix(generator, c.hidden, c.dtype));
    else
      parameter = nn::Parameter(normal(generator, parameter.shape(), 0, c.stddev, c.dtype));
  });
}

double RnnSearch::parameter_count(const Config& c) {
  const auto vs = static_cast<double>(c.source_vocabulary), vt = static_cast<double>(c.target_vocabulary),
             m = static_cast<double>(c.embedding), n = static_cast<double>(c.hidden),
             a = static_cast<double>(c.alignment), l = static_cast<double>(c.maxout);
  const double embeddings = (vs + vt) * m, encoder = 2 * (3 * n * m + 3 * n * n + 6 * n), start = n * n + n,
               attention = a * n + a * 2 * n + a, decoder = 3 * n * m + 3 * n + 3 * n * 2 * n + 3 * n * n,
               readout = 2 * l * (n + 1 + m + 2 * n), output = vt * l + vt;
  return embeddings + encoder + start + attention + decoder + readout + output;
}

RnnSearch::Encoded RnnSearch::encode(const SourceBatch& source) const {
  check_defined("rnnsearch", "source ids", source.ids);
  if (source.ids.rank() != 2 || source.ids.size(1) == 0)
    throw ShapeError(fmt::format("rnnsearch: source ids are {}, expected [B, S] with S > 0", source.ids.shape().str()));
  nn::check_lengths("rnnsearch", source.lengths, source.ids.size(0), source.ids.size(1));
  const nn::GruOutput read = encoder_.forward({source_embedding_.forward(source.ids), source.lengths, {}});
  const Tensor mask = nn::length_mask(source.lengths, source.ids.size(1));  // [B, 1, S]
  // The backward direction ends at the first word: its last state is ←h_1.
  return {attention_.remember(read.output, read.output, mask), tanh(start_.forward(select(read.last, 0, 1)))};
}

RnnSearch::Step RnnSearch::step(const Variable& token_gates, const Variable& state,
                                const nn::AdditiveMemory& memory) const {
  const nn::AttentionOutput found = attention_.forward(unsqueeze(state, 1), memory);  // [B, 1, 2n], [B, 1, S]
  const Variable context = squeeze(found.context, 1);                                 // [B, 2n]
  const Variable gates = token_gates + context_gates_.forward(context);               // [B, 3n]
  return {context, squeeze(found.weights, 1), gru_step(gates, state, recurrent_, {}, GruReset::before)};
}

Variable RnnSearch::read_out(const Variable& state, const Variable& token, const Variable& context) const {
  const Variable t = readout_state_.forward(state) + readout_token_.forward(token) + readout_context_.forward(context);
  return output_.forward(nn::maxout(t));  // [.., 2l] -> [.., l] -> [.., V]
}

RnnSearchOutput RnnSearch::forward(const SourceBatch& source, const Tensor& target) const {
  check_defined("rnnsearch", "source ids", source.ids);
  check_defined("rnnsearch", "target ids", target);
  if (target.rank() != 2 || source.ids.rank() != 2 || target.size(0) != source.ids.size(0) || target.size(1) == 0)
    throw ShapeError(fmt::format("rnnsearch: source ids {}, target ids {}: expected [B, S] and [B, T] with T > 0",
                                 source.ids.shape().str(), target.shape().str()));
  const Encoded encoded = encode(source);
  const Variable tokens = target_embedding_.forward(target);                           // [B, T, m]
  const std::vector<Variable> token_gates = unstack(token_gates_.forward(tokens), 1);  // T × [B, 3n]
  std::vector<Variable> states, contexts, weights;
  Variable state = encoded.start;
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
  Variable state = encoded.start;
  nn::AdditiveMemory memory = encoded.memory;
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
                                  state = index_select(state, 0, rows);
                                  // The sources stay where they are but for the first call, which gives each sentence
                                  // its rows.
                                  if (rows.numel() != memory.keys.size(0)) {
                                    memory = {index_select(memory.keys, 0, rows), index_select(memory.values, 0, rows),
                                              index_select(memory.mask, 0, rows)};
                                  }
                                }};
  return beam_search(decoder, source.ids.size(0), search);
}

}  // namespace heed::models
