// M-01: an n-gram model reaches the entropy of a text that depends on n - 1 tokens, and knows nothing of what lies
// further back.
#include <fmt/format.h>

#include <algorithm>

#include "examples/claims/all_claims.h"
#include "heed/models/ngram.h"
#include "heed/models/tasks/latch.h"
#include "heed/models/tasks/markov.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr models::LatchConfig distant{.classes = 8, .noise_tokens = 2, .noise_steps = 5};
constexpr std::int64_t piece = distant.noise_steps + 2;  // class, noise, class: the last depends on 6 tokens before

// How often the likeliest class is right where a class comes back.
double distant_accuracy(std::int64_t order, const ClaimSettings& settings) {
  Generator training = settings.generator(3), fresh = settings.generator(4);
  const std::int64_t tests = settings.quick ? 1000 : 2000;
  models::Ngram ngram({.vocabulary = distant.vocabulary(), .order = order});
  ngram.fit(make_latch_text(distant, 5000, training));
  const std::vector<std::int64_t> text = make_latch_text(distant, tests, fresh);
  std::int64_t right = 0;
  for (std::int64_t i = piece - 1; i < static_cast<std::int64_t>(text.size()); i += piece) {
    const auto at = text.begin() + i;
    const std::vector<std::int64_t> context(at - std::min(i, order - 1), at);
    const Tensor classes = slice(ngram.probabilities(context), 0, 0, distant.classes);
    right += argmax(classes, 0).item<std::int64_t>() == *at;
  }
  return static_cast<double>(right) / static_cast<double>(tests);
}

ClaimResult run(const ClaimSettings& settings) {
  Generator law = settings.generator(0), training = settings.generator(1), fresh = settings.generator(2);
  const models::MarkovChain chain({.order = 2}, law);
  const std::vector<std::int64_t> text = chain.text(settings.quick ? 30'000 : 100'000, training),
                                  test = chain.text(settings.quick ? 30'000 : 100'000, fresh);
  ClaimResult result;
  nn::Series perplexities{"n-gram", {}};
  std::vector<double> above, contexts;
  for (std::int64_t n = 1; n <= 5; ++n) {
    models::Ngram ngram({.vocabulary = 12, .order = n, .delta = 0.1});
    ngram.fit(text);
    const models::Surprisal surprisal = ngram.evaluate(test);
    above.push_back(surprisal.per_token() - chain.entropy_rate());
    contexts.push_back(static_cast<double>(ngram.contexts_seen(n - 1)));
    perplexities.points.push_back({static_cast<double>(n), surprisal.perplexity()});
    result.notes.push_back(
        fmt::format("{}-gram: {:.4f} nats above the entropy {:.4f}, perplexity {:6.3f}, {:6} contexts seen", n,
                    above.back(), chain.entropy_rate(), surprisal.perplexity(), contexts.back()));
  }
  double growth = contexts[1];
  for (std::size_t i = 1; i < contexts.size(); ++i) growth = std::min(growth, contexts[i] / contexts[i - 1]);
  double distant_best = 0;
  for (std::int64_t n = 2; n <= 5; ++n) distant_best = std::max(distant_best, distant_accuracy(n, settings));
  const double chance = 1.0 / static_cast<double>(distant.classes);
  result.criteria = {
      at_most("Markov chain of order 2, nats per token above its entropy: 3-gram", above[2], 0.05),
      at_least("Markov chain of order 2, nats per token above its entropy: 2-gram", above[1], 0.2),
      at_least("contexts seen, those of n + 1 over those of n, the least of n = 1 to 4", growth, 1.5),
      // 2000 tests have a standard deviation of 0.0074, those of --quick 0.0105.
      at_most("what stood 6 tokens before, classes right (chance: 0.125): the best of n = 2 to 5", distant_best,
              chance + (settings.quick ? 0.04 : 0.03)),
      at_least("what stood 6 tokens before, classes right: 7-gram", distant_accuracy(7, settings), 0.95)};
  result.chart = {
      .title = "Perplexity over n", .x_title = "n", .y_title = "perplexity", .series = {std::move(perplexities)}};
  return result;
}

}  // namespace

Claim ngrams() {
  return {"M-01", "An n-gram model reaches the entropy of n - 1 tokens of context and nothing beyond",
          "Shannon 1948; Bengio et al. 2003", run};
}

}  // namespace heed::examples
