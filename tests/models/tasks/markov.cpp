#include "heed/models/tasks/markov.h"

#include <cmath>

#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::MarkovChain;

namespace {

// Nats per token of counting: the entropy of a token given the `context` before it, in a text.
double counted_entropy(const std::vector<std::int64_t>& text, std::int64_t vocabulary, std::int64_t context) {
  std::size_t contexts = 1;
  for (std::int64_t i = 0; i < context; ++i) contexts *= static_cast<std::size_t>(vocabulary);
  std::vector<double> pairs(contexts * static_cast<std::size_t>(vocabulary)), all(contexts);
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<std::int64_t>(i) >= context) {
      pairs[seen * static_cast<std::size_t>(vocabulary) + static_cast<std::size_t>(text[i])] += 1;
      all[seen] += 1;
    }
    seen = (seen * static_cast<std::size_t>(vocabulary) + static_cast<std::size_t>(text[i])) % contexts;
  }
  double nats = 0, tokens = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i] > 0) nats -= pairs[i] * std::log(pairs[i] / all[i / static_cast<std::size_t>(vocabulary)]);
    tokens += pairs[i];
  }
  return nats / tokens;
}

}  // namespace

TEST_CASE("a Markov chain's entropies are those of its text", "[tasks]") {
  for (const std::int64_t order : {1, 2, 3}) {
    Generator generator(static_cast<std::uint64_t>(order));
    const MarkovChain chain({.order = order, .vocabulary = 6, .classes = 3}, generator);
    const std::vector<std::int64_t> text = chain.text(400'000, generator);
    CHECK(text.size() == 400'000);
    for (std::int64_t context = 0; context <= order; ++context) {
      INFO("order " << order << ", context " << context);
      CHECK(std::abs(counted_entropy(text, 6, context) - chain.entropy(context)) < 0.01);
      if (context > 0) CHECK(chain.entropy(context) < chain.entropy(context - 1));
    }
    CHECK(counted_entropy(text, 6, order + 1) > chain.entropy_rate() - 0.01);  // nothing lies beyond the order
    CHECK(chain.entropy_rate() == chain.entropy(order));
  }
}

TEST_CASE("a Markov chain's probabilities follow the classes of its tokens, oldest first", "[tasks]") {
  Generator generator(1);
  const MarkovChain chain({.order = 2, .vocabulary = 5, .classes = 2}, generator);
  const Tensor& p = chain.probabilities();
  CHECK(p.shape() == Shape{25, 5});
  CHECK(std::abs(sum(p).item() - 25) < 1e-12);
  CHECK(std::abs(sum(chain.stationary()).item() - 1) < 1e-12);
  const auto row = [&](std::int64_t older, std::int64_t newer) {
    const auto* const begin = p.data<double>() + (older * 5 + newer) * 5;
    return std::vector<double>(begin, begin + 5);
  };
  CHECK(row(0, 1) == row(4, 3));
  CHECK(row(0, 1) != row(1, 0));
  CHECK(row(0, 1) != row(0, 0));
  // The fixed point, written out: how often (b, c) occurs is how often (a, b) does, followed by c.
  const auto* const pi = chain.stationary().data<double>();
  for (std::size_t b = 0; b < 5; ++b)
    for (std::size_t c = 0; c < 5; ++c) {
      double later = 0;
      for (std::size_t a = 0; a < 5; ++a) later += pi[a * 5 + b] * p.data<double>()[(a * 5 + b) * 5 + c];
      CHECK(std::abs(later - pi[b * 5 + c]) < 1e-12);
    }
}

TEST_CASE("the Markov chains of the claims leave room for them on any seed", "[tasks]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const std::int64_t order : {2, 3}) {
      Generator generator(seed);
      const MarkovChain chain({.order = order}, generator);
      INFO("seed " << seed << ", order " << order);
      CHECK(chain.entropy(order - 1) - chain.entropy(order) > 0.2);
      CHECK(chain.entropy_rate() > 0.5);
    }
  }
}

TEST_CASE("a Markov chain is its seed's, and refuses what is no chain", "[tasks]") {
  const auto text = [](std::uint64_t seed) {
    Generator generator(seed);
    return MarkovChain({}, generator).text(50, generator);
  };
  CHECK(text(1) == text(1));
  CHECK(text(1) != text(2));
  Generator generator(3);
  CHECK(MarkovChain({.contrast = 0}, generator).entropy_rate() == Approx(std::log(12.0)).epsilon(1e-12));
  CHECK_THROWS_AS(MarkovChain({.order = 0}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.vocabulary = 1, .classes = 1}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.classes = 0}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.classes = 13}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.order = 7}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.order = std::int64_t{1} << 62}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.vocabulary = std::int64_t{1} << 40}, generator), ShapeError);
  CHECK_THROWS_AS(MarkovChain({.contrast = -1}, generator), Error);
  CHECK_THROWS_AS(MarkovChain({.contrast = NAN}, generator), Error);
  const MarkovChain chain({}, generator);
  CHECK(chain.text(0, generator).empty());
  CHECK_THROWS_AS(chain.text(-1, generator), IndexError);
  CHECK_THROWS_AS(chain.entropy(3), IndexError);
  CHECK_THROWS_AS(chain.entropy(-1), IndexError);
}
