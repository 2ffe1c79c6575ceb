#include "workloads/generate.h"

#include <c10/core/InferenceMode.h>

#include <memory>

#include "peers/training.h"

namespace heed::bench {
namespace {

// lstm_cell, not nn::LSTM with a sequence of one: of hidden 256 the cell took 90 us, the layer 210, by oneDNN 440
// (Zen 3, processor time, one thread).
Step prepare(const Generate& sizes) {
  const c10::InferenceMode inference;
  const std::int64_t h = sizes.hidden;
  struct State {
    at::Tensor id, h, c;
  };
  const auto state = std::make_shared<State>(
      State{at::zeros({1}, at::kLong), at::zeros({1, sizes.hidden}), at::zeros({1, sizes.hidden})});
  return
      [state, embedding = weights("embedding.weight", {Generate::vocabulary, Generate::embedding}),
       w_ih = weights("rnn.weight_ih_l0", {4 * h, Generate::embedding}), w_hh = weights("rnn.weight_hh_l0", {4 * h, h}),
       b_ih = weights("rnn.bias_ih_l0", {4 * h}), b_hh = weights("rnn.bias_hh_l0", {4 * h}),
       w = weights("output.weight", {Generate::vocabulary, h}), b = weights("output.bias", {Generate::vocabulary})] {
        const c10::InferenceMode no_gradients;
        std::tie(state->h, state->c) =
            at::lstm_cell(at::embedding(embedding, state->id), {state->h, state->c}, w_ih, w_hh, b_ih, b_hh);
        const at::Tensor logits = at::linear(state->h, w, b);
        state->id = logits.argmax(-1);
        return logits.const_data_ptr<float>()[state->id.item<std::int64_t>()];
      };
}

const bool registered = register_rows(generates, prepare);

}  // namespace
}  // namespace heed::bench
