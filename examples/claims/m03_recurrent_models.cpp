// M-03: a gated network keeps what it read 50 tokens ago where Elman's network has forgotten it, and all of them reach
// the entropy of a text whose next token depends on two.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/tagger.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/recurrent_lm.h"
#include "heed/models/tasks/latch.h"
#include "heed/models/tasks/markov.h"
#include "heed/nn/data/token_stream.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

// At the start a gated cell keeps a share of σ(bias) of its state at each step. PyTorch's biases around 0 leave 1e-15
// of the first token after 50 steps, a bias of 1 leaves 1e-7, and of these 1000 steps of training often make nothing;
// 3 leaves 0.09, which is too little for some seeds. 4, about ln(50), leaves 0.4 (Tallec and Ollivier 2018, "Can
// recurrent neural networks warp time?"; after Jozefowicz et al. 2015).
constexpr double memory_bias = 4;

constexpr std::int64_t noise_steps = 50;  // of the quick size too: Elman's network can learn 20

void remember(nn::LstmCell&) {}  // its config has a forget bias
void remember(nn::RnnCell&) {}   // has no gates
void remember(nn::GruCell& cell) {
  Tensor update = slice(cell.bias_ih.value(), 0, cell.config.hidden, 2 * cell.config.hidden);  // z of r, z, n
  fill(update, memory_bias);
}

template <class Cell>
double latch_accuracy(const typename Cell::Config& cell, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3);
  const models::LatchConfig task{.noise_steps = noise_steps};
  const std::int64_t batch_size = settings.quick ? 32 : 64;
  Tagger<Cell> model({.vocabulary = task.vocabulary(), .classes = task.classes, .cell = cell}, weights);
  remember(model.rnn.cells[0]);
  train(nn::parameters(model), {.steps = 1000, .learning_rate = 5e-3, .gradient_norm = 0.25}, [&] {
    const models::LatchBatch batch = make_latch(task, batch_size, examples);
    return cross_entropy(model.last(batch.ids), batch.labels);
  });
  const models::LatchBatch test = make_latch(task, 2000, fresh);
  return accuracy(model.last(test.ids).value(), test.labels);
}

// Nats per token of a fresh text above the entropy of the chain.
template <class Lm>
double nats_above_entropy(const models::MarkovChain& chain, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), training = settings.generator(2), fresh = settings.generator(3);
  const std::int64_t steps = settings.quick ? 150 : 400;
  const Lm lm({.vocabulary = chain.config().vocabulary, .embedding = 16, .hidden = 32}, weights);
  nn::TokenStream text(chain.text(32 * 32 * steps + 32, training), 32, 32);
  train(nn::parameters(lm), {.steps = steps, .learning_rate = 1e-2}, [&] {
    const nn::TokenStream::Batch batch = text.next();
    return cross_entropy(lm.forward(batch.inputs).logits, batch.labels);
  });
  const NoGrad no_gradients;
  const nn::TokenStream::Batch test = nn::TokenStream(chain.text(100'001, fresh), 100, 1000).next();
  return cross_entropy(lm.forward(test.inputs).logits, test.labels).item() - chain.entropy_rate();
}

ClaimResult run(const ClaimSettings& settings) {
  ClaimResult result;
  const std::string latch = fmt::format("latch over {} steps, classes right: ", noise_steps);
  result.criteria = {at_least(latch + "LSTM",
                              latch_accuracy<nn::LstmCell>({.hidden = 32, .forget_bias = memory_bias}, settings), 0.95),
                     at_least(latch + "GRU", latch_accuracy<nn::GruCell>({.hidden = 32}, settings), 0.95),
                     at_most(latch + "Elman (tanh)", latch_accuracy<nn::RnnCell>({.hidden = 32}, settings), 0.50)};
  Generator generator = settings.generator(0);
  const models::MarkovChain chain({.order = 2}, generator);
  const std::string above = "Markov chain of order 2, nats per token above its entropy: ";
  result.criteria.push_back(at_most(above + "Elman (tanh)", nats_above_entropy<models::RnnLm>(chain, settings), 0.05));
  result.criteria.push_back(at_most(above + "LSTM", nats_above_entropy<models::LstmLm>(chain, settings), 0.05));
  result.criteria.push_back(at_most(above + "GRU", nats_above_entropy<models::GruLm>(chain, settings), 0.05));
  result.notes = {fmt::format("the chain's entropy is {:.4f} nats per token, {:.4f} given one token only",
                              chain.entropy_rate(), chain.entropy(1))};
  return result;
}

}  // namespace

Claim recurrent_models() {
  return {"M-03", "Gated recurrent networks remember what Elman's network forgets",
          "Hochreiter and Schmidhuber 1997; Cho et al. 2014", run};
}

}  // namespace heed::examples
