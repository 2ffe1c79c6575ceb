// M-02: with little text an MLP predicts better than the counts of n-grams, because it shares what it learns between
// words that are alike (here: of one class); like them it sees n - 1 tokens and nothing beyond.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/record.h"
#include "heed/models/mlp_lm.h"
#include "heed/models/ngram.h"
#include "heed/models/tasks/latch.h"
#include "heed/models/tasks/markov.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

Tensor one_row(const std::vector<std::int64_t>& text) {
  return tensor(text, {1, static_cast<std::int64_t>(text.size())});
}

// 4-gram contexts, all of `text` at every step.
models::MlpLm trained(std::int64_t vocabulary, const std::vector<std::int64_t>& text, Generator weights) {
  models::MlpLm lm({.vocabulary = vocabulary, .context = 3, .embedding = 4, .hidden = 32}, weights);
  const Tensor ids = one_row(text);
  train(nn::parameters(lm), {.steps = 150, .learning_rate = 2e-2}, [&] { return lm.loss(ids); });
  return lm;
}

double perplexity(const models::MlpLm& lm, const std::vector<std::int64_t>& text) {
  const NoGrad no_gradients;
  return std::exp(lm.loss(one_row(text)).item());
}

// How often the likeliest class is right where a class comes back after 5 tokens of noise.
double distant_accuracy(const ClaimSettings& settings) {
  constexpr models::LatchConfig distant{.classes = 8, .noise_tokens = 2, .noise_steps = 5};
  constexpr std::int64_t piece = distant.noise_steps + 2, tests = 2000;
  Generator training = settings.generator(4), fresh = settings.generator(5);
  const models::MlpLm lm =
      trained(distant.vocabulary(), make_latch_text(distant, 1000, training), settings.generator(6));
  const Tensor text = reshape(tensor(make_latch_text(distant, tests, fresh), {tests * piece}), {tests, piece});
  const Tensor logits = select(lm.forward(slice(text, 1, piece - 4, piece - 1)).value(), 1, 0);
  return accuracy(slice(logits, 1, 0, distant.classes), select(text, 1, -1));
}

// The perplexity of the MLP over that of the best 4-gram, for a chain of order 3 over 12 tokens in so many classes.
double perplexity_ratio(std::int64_t classes, const ClaimSettings& settings, std::vector<std::string>& notes) {
  Generator law = settings.generator(0), training = settings.generator(1), fresh = settings.generator(2);
  const models::MarkovChain chain({.order = 3, .classes = classes}, law);
  const std::vector<std::int64_t> text = chain.text(5000, training), test = chain.text(50'000, fresh);
  const double mlp = perplexity(trained(12, text, settings.generator(3)), test);
  double best = INFINITY;  // of all settings of the 4-gram, chosen on the test text in its favour
  const auto count = [&](const std::string& name, const models::NgramConfig& config) {
    models::Ngram ngram(config);
    ngram.fit(text);
    const double perplexity = ngram.evaluate(test).perplexity();
    best = std::min(best, perplexity);
    notes.push_back(fmt::format("{} classes, 4-gram, {}: perplexity {:.3f}", classes, name, perplexity));
  };
  for (const double delta : {0.03, 0.1, 0.3, 1.0})
    count(fmt::format("additive {}", delta), {.vocabulary = 12, .order = 4, .delta = delta});
  count("interpolated", {.vocabulary = 12, .order = 4, .smoothing = models::Smoothing::interpolated});
  notes.push_back(
      fmt::format("{} classes, MLP: perplexity {:.3f}, {:.3f} of the best 4-gram's; entropy of the chain: {:.3f}",
                  classes, mlp, mlp / best, std::exp(chain.entropy_rate())));
  return mlp / best;
}

ClaimResult run(const ClaimSettings& settings) {
  ClaimResult result;
  result.criteria = {
      at_most(
          "Markov chain of order 3 over 12 tokens in 4 classes, 5000 tokens: perplexity of the MLP over that of the "
          "best 4-gram",
          perplexity_ratio(4, settings, result.notes), 0.9),
      // 2000 tests: a standard deviation of 0.0074.
      between("what stood 6 tokens before, classes right (chance: 0.125)", distant_accuracy(settings), 0.125 - 0.03,
              0.125 + 0.03)};
  // Where every token is a class of its own nothing can be shared, and counting is better.
  if (!settings.quick) perplexity_ratio(12, settings, result.notes);
  return result;
}

}  // namespace

Claim mlp_language_model() {
  return {
      "M-02",
      "With little text whose tokens fall into classes an MLP predicts better than n-grams, within the same context",
      "Bengio et al. 2003", run};
}

}  // namespace heed::examples
