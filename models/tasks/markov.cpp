#include "heed/models/tasks/markov.h"

#include <fmt/format.h>

#include <cmath>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/ops/softmax.h"

namespace heed::models {
namespace {

constexpr std::int64_t most_probabilities = std::int64_t{1} << 24;

void check(const MarkovConfig& c) {
  if (c.order < 1 || c.vocabulary < 2 || c.classes < 1 || c.classes > c.vocabulary)
    throw ShapeError(
        fmt::format("markov: order {}, vocabulary {}, classes {}, expected order >= 1, vocabulary >= 2 and 1 <= "
                    "classes <= vocabulary",
                    c.order, c.vocabulary, c.classes));
  std::int64_t probabilities = c.vocabulary;
  for (std::int64_t i = 0; i < c.order && probabilities <= most_probabilities; ++i) probabilities *= c.vocabulary;
  if (probabilities > most_probabilities)
    throw ShapeError(fmt::format("markov: order {} and vocabulary {} need a table of more than {} probabilities",
                                 c.order, c.vocabulary, most_probabilities));
  if (!(c.contrast >= 0 && std::isfinite(c.contrast)))
    throw Error(fmt::format("markov: contrast {}, expected a finite number >= 0", c.contrast));
}

// The logits [classes^m, V] by classes, repeated for every token of each class.
Tensor by_tokens(const MarkovConfig& c, Tensor logits) {
  Tensor class_of = empty({c.vocabulary}, DType::i64);
  auto* const classes = class_of.mutable_data<std::int64_t>();
  for (std::int64_t w = 0; w < c.vocabulary; ++w) classes[w] = w % c.classes;
  for (std::int64_t i = 0, before = 1; i < c.order; ++i, before *= c.vocabulary)
    logits = index_select(reshape(logits, {before, c.classes, -1}), 1, class_of);
  return reshape(logits, {-1, c.vocabulary});
}

// From how often each context occurs, how often each occurs one token later.
Tensor one_token_later(const Tensor& contexts, const Tensor& probabilities) {
  const std::int64_t vocabulary = probabilities.size(1);
  return reshape(sum(reshape(contexts * probabilities, {vocabulary, -1, vocabulary}), 0), {-1, 1});
}

Tensor fixed_point(const Tensor& probabilities) {
  const std::int64_t contexts = probabilities.size(0);
  Tensor now = full({contexts, 1}, 1.0 / static_cast<double>(contexts), DType::f64);
  for (int i = 0; i < 100'000; ++i) {
    Tensor next = one_token_later(now, probabilities);
    const double change = sum(abs(next - now)).item();
    now = next / sum(next);
    if (change < 1e-13) return now;
  }
  throw Error("markov: the chain does not settle within 100000 tokens; try a smaller contrast");
}

// The first index whose share, added to those before, exceeds u in [0, 1).
std::int64_t pick(const double* shares, std::int64_t n, double u) {
  for (std::int64_t i = 0; i + 1 < n; ++i)
    if ((u -= shares[i]) < 0) return i;
  return n - 1;
}

}  // namespace

MarkovChain::MarkovChain(const MarkovConfig& config, Generator& generator) : config_(config) {
  check(config);
  std::int64_t rows = 1;
  for (std::int64_t i = 0; i < config.order; ++i) rows *= config.classes;
  const Tensor logits = normal(generator, {rows, config.vocabulary}, 0, config.contrast, DType::f64);
  probabilities_ = softmax(by_tokens(config, logits));
  stationary_ = fixed_point(probabilities_);
}

std::vector<std::int64_t> MarkovChain::text(std::int64_t count, Generator& generator) const {
  if (count < 0) throw IndexError(fmt::format("markov: a text of {} tokens", count));
  const std::int64_t vocabulary = config_.vocabulary, contexts = stationary_.numel();
  const auto* const probabilities = probabilities_.data<double>();
  std::int64_t context = pick(stationary_.data<double>(), contexts, generator.uniform());
  std::vector<std::int64_t> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t next = pick(probabilities + context * vocabulary, vocabulary, generator.uniform());
    tokens.push_back(next);
    context = (context * vocabulary + next) % contexts;
  }
  return tokens;
}

double MarkovChain::entropy(std::int64_t context) const {
  if (context < 0 || context > config_.order)
    throw IndexError(fmt::format("markov: entropy given {} tokens, expected 0 to {}", context, config_.order));
  std::int64_t seen = config_.vocabulary;
  for (std::int64_t i = 0; i < context; ++i) seen *= config_.vocabulary;
  const Tensor joint = reshape(sum(reshape(stationary_ * probabilities_, {-1, seen}), 0), {-1, config_.vocabulary});
  return -sum(joint * (log(joint) - log(sum(joint, -1, true)))).item();
}

}  // namespace heed::models
