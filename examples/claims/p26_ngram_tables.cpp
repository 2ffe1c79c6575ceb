// P-26: the table of an n-gram model grows as V^n, and most of what it would need to know never occurs.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "heed/models/ngram.h"
#include "heed/models/tasks/markov.h"

namespace heed::examples {
namespace {

constexpr std::int64_t vocabulary = 50;

models::NgramConfig config(std::int64_t order) { return {.vocabulary = vocabulary, .order = order}; }

double contexts(const models::Ngram& ngram) {
  return static_cast<double>(ngram.contexts_seen(ngram.config().order - 1));
}

ClaimResult run(const ClaimSettings& settings) {
  const std::int64_t tokens = settings.quick ? 20'000 : 100'000;
  Generator law = settings.generator(0), training = settings.generator(1), other = settings.generator(2);
  const models::MarkovChain chain({.order = 2, .vocabulary = vocabulary, .classes = 5}, law);
  const std::vector<std::int64_t> text = chain.text(tokens, training), fresh = chain.text(tokens, other);
  ClaimResult result;
  nn::Series possible{"possible: V^(n-1)", {}}, seen{fmt::format("seen in {} tokens", tokens), {}};
  std::vector<double> known, never;  // of n = 2 to 5
  for (std::int64_t n = 2; n <= 5; ++n) {
    models::Ngram ngram(config(n)), alone(config(n));
    ngram.fit(text);
    alone.fit(fresh);
    known.push_back(contexts(ngram));
    ngram.fit(fresh);  // adds what is new in it
    never.push_back((contexts(ngram) - known.back()) / contexts(alone));
    const double all = std::pow(vocabulary, n - 1);
    possible.points.push_back({static_cast<double>(n), std::log10(all)});
    seen.points.push_back({static_cast<double>(n), std::log10(known.back())});
    result.notes.push_back(fmt::format(
        "n = {}: {:9} cells, {:7} contexts, {:6} of them seen ({:.4f}); of those of a fresh text {:.3f} are new", n,
        *models::Ngram::table_cells(config(n)), all, known.back(), known.back() / all, never.back()));
  }
  result.criteria = {exactly("cells of a 5-gram table of 50 tokens",
                             static_cast<double>(*models::Ngram::table_cells(config(5))), 312'500'000),
                     at_least(fmt::format("contexts seen in {} tokens: 5-gram over 2-gram", tokens),
                              known[3] / known[0], static_cast<double>(tokens) / 100),
                     exactly("2-gram: share of the contexts of a fresh text that was never seen", never[0], 0),
                     at_least("5-gram: share of the contexts of a fresh text that was never seen", never[3], 0.5)};
  result.chart = {.title = "Contexts of n-gram models over 50 tokens",
                  .x_title = "n",
                  .y_title = "log10 of the contexts",
                  .series = {std::move(possible), std::move(seen)}};
  return result;
}

}  // namespace

Claim ngram_tables() {
  return {"P-26", "Tables of n-grams explode with n, and stay almost empty", "Bengio et al. 2003", run};
}

}  // namespace heed::examples
