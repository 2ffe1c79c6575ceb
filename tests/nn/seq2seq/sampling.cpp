// Sampling: frequencies, what temperature, top-k and top-p leave, and what is refused.
#include "heed/nn/seq2seq/sampling.h"

#include <cmath>
#include <limits>
#include <map>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/catch.h"

using namespace heed;
using nn::SamplingConfig;

namespace {

// Probabilities 0.1, 0.4, 0.2, 0.3.
const Tensor& logits() {
  static const Tensor x = tensor({std::log(0.1), std::log(0.4), std::log(0.2), std::log(0.3)}, {4}, DType::f64);
  return x;
}

std::map<std::int64_t, double> frequencies(const Tensor& x, const SamplingConfig& config) {
  Generator generator(1);
  std::map<std::int64_t, double> result;
  constexpr int draws = 20'000;
  for (int i = 0; i < draws; ++i) result[nn::sample(x, config, generator)] += 1.0 / draws;
  return result;
}

void check_frequencies(const SamplingConfig& config, const std::map<std::int64_t, double>& wanted) {
  const auto found = frequencies(logits(), config);
  CHECK(found.size() == wanted.size());
  for (const auto& [id, probability] : wanted) {
    CAPTURE(id);
    CHECK(found.count(id) == 1);
    if (found.count(id)) CHECK(found.at(id) == Approx(probability).margin(0.015));
  }
}

}  // namespace

TEST_CASE("tokens are drawn as often as they are probable", "[nn][sampling]") {
  check_frequencies({}, {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.3}});
  check_frequencies({.temperature = 0.5}, {{0, 1 / 30.0}, {1, 16 / 30.0}, {2, 4 / 30.0}, {3, 9 / 30.0}});
  check_frequencies({.temperature = 0}, {{1, 1}});
  check_frequencies({.temperature = 1e-300}, {{1, 1}});
  check_frequencies({.temperature = 1e300}, {{0, 0.25}, {1, 0.25}, {2, 0.25}, {3, 0.25}});
}

TEST_CASE("top-k keeps the k likeliest, top-p the fewest that reach p", "[nn][sampling]") {
  check_frequencies({.top_k = 2}, {{1, 4 / 7.0}, {3, 3 / 7.0}});
  check_frequencies({.top_k = 9}, {{0, 0.1}, {1, 0.4}, {2, 0.2}, {3, 0.3}});
  check_frequencies({.top_p = 0.39}, {{1, 1}});
  check_frequencies({.top_p = 0.41}, {{1, 4 / 7.0}, {3, 3 / 7.0}});
  check_frequencies({.top_p = 0.75}, {{1, 4 / 9.0}, {2, 2 / 9.0}, {3, 3 / 9.0}});
  check_frequencies({.top_k = 2, .top_p = 0.5}, {{1, 1}});  // of what top-k has left
}

TEST_CASE("top-p keeps the token that crosses p, and one at least (T7)", "[nn][sampling]") {
  const auto kept = [](std::initializer_list<double> probabilities, double p) {
    return frequencies(log(tensor(probabilities, {4}, DType::f64)), {.top_p = p}).size();
  };
  CHECK(kept({0.5, 0.35, 0.1, 0.05}, 0.9) == 3);
  CHECK(kept({0.5, 0.25, 0.125, 0.125}, 0.75) == 2);
  CHECK(kept({0.5, 0.25, 0.125, 0.125}, 1e-8) == 1);
}

TEST_CASE("a token that cannot be is not drawn", "[nn][sampling]") {
  const double never = -std::numeric_limits<double>::infinity();
  const auto found = frequencies(tensor({never, 0, never, 0}, {4}, DType::f64), {});
  CHECK(found.count(0) + found.count(2) == 0);
  Generator generator(2);
  CHECK(nn::sample(tensor({1, 1, 1}, {3}), {.temperature = 0}, generator) ==
        0);  // equal ones in the order of their ids
  CHECK(generator.counter() == 0);
}

TEST_CASE("logits and settings without a meaning are refused", "[nn][sampling]") {
  Generator generator(1);
  const auto refuse = [&](const Tensor& x, const SamplingConfig& config = {}) {
    (void)nn::sample(x, config, generator);
  };
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(refuse(zeros({1, 4})), ShapeError);
  CHECK_THROWS_AS(refuse(zeros({0})), ShapeError);
  CHECK_THROWS_AS(refuse(zeros({4}, DType::i64)), DTypeError);
  CHECK_THROWS_AS(refuse(tensor({0, std::nan(""), 1}, {3})), Error);
  CHECK_THROWS_AS(refuse(tensor({-infinite, -infinite}, {2})), Error);
  CHECK_THROWS_AS(refuse(tensor({0, infinite}, {2})), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.temperature = -1}), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.temperature = std::nan("")}), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.temperature = infinite}), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.top_k = -1}), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.top_p = 0}), Error);
  CHECK_THROWS_AS(refuse(zeros({4}), {.top_p = 1.5}), Error);
}
