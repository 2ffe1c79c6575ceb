// N-gram counts and probabilities by hand, and what the smoothings promise.
#include "heed/models/ngram.h"

#include <cmath>

#include "heed/nn/seq2seq/sampling.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using models::Ngram;
using models::Smoothing;

namespace {

using Ids = std::vector<std::int64_t>;

// Twenty tokens, V = 3. Bigrams: 00 1, 01 4, 02 2, 10 3, 11 1, 12 2, 20 3, 21 1, 22 2.
const Ids twenty{0, 1, 2, 0, 1, 0, 0, 2, 2, 0, 1, 1, 2, 1, 0, 2, 2, 0, 1, 0};

std::vector<double> after(const Ngram& model, const Ids& context) {
  return test::to_array(model.probabilities(context)).numbers;
}

double total(const std::vector<double>& p) {
  double sum = 0;
  for (const double one : p) sum += one;
  return sum;
}

Ngram fitted(const models::NgramConfig& config, const Ids& text = twenty) {
  Ngram model(config);
  model.fit(text);
  return model;
}

}  // namespace

TEST_CASE("n-gram: counts of twenty tokens by hand", "[models][ngram]") {
  const Ngram pairs = fitted({.vocabulary = 3, .order = 2});
  CHECK(test::same_bits(
      pairs.counts(),
      tensor({0, 0, 1, 0, 1, 4, 0, 2, 2, 1, 0, 3, 1, 1, 1, 1, 2, 2, 2, 0, 3, 2, 1, 1, 2, 2, 2}, {9, 3}, DType::i64)));
  CHECK(pairs.contexts_seen(0) == 1);
  CHECK(pairs.contexts_seen(1) == 3);
  const Ngram singles = fitted({.vocabulary = 4, .order = 1});
  CHECK(test::same_bits(singles.counts(), tensor({0, 8, 1, 6, 2, 6}, {3, 2}, DType::i64)));
  const Ngram triples = fitted({.vocabulary = 3, .order = 3});
  CHECK(triples.contexts_seen(2) == 9);
  CHECK(sum(select(triples.counts(), 1, 3)).item() == 18);
  CHECK(fitted({.vocabulary = 3, .order = 7}, {0, 1}).counts().shape() == Shape{0, 8});
  CHECK(fitted({.vocabulary = 3, .order = 7}, {0, 1}).contexts_seen(0) == 0);
}

TEST_CASE("n-gram: additive probabilities by hand", "[models][ngram]") {
  CHECK(after(fitted({.vocabulary = 3, .order = 2, .delta = 0}), {0}) == std::vector<double>{1 / 7., 4 / 7., 2 / 7.});
  CHECK(after(fitted({.vocabulary = 3, .order = 2, .delta = 1}), {2}) == std::vector<double>{4 / 9., 2 / 9., 3 / 9.});
  CHECK(after(fitted({.vocabulary = 4, .order = 1, .delta = 0.5}), {}) ==
        std::vector<double>{8.5 / 22, 6.5 / 22, 6.5 / 22, 0.5 / 22});
  // Only the last n - 1 ids count; a context nobody saw says 1 / V whatever delta is.
  CHECK(after(fitted({.vocabulary = 3, .order = 2}), {2, 1, 0}) == after(fitted({.vocabulary = 3, .order = 2}), {0}));
  for (const double delta : {0.0, 0.1})
    CHECK(after(fitted({.vocabulary = 4, .order = 2, .delta = delta}), {3}) == std::vector<double>(4, 0.25));
}

TEST_CASE("n-gram: interpolated probabilities by hand", "[models][ngram]") {
  const Ngram model = fitted({.vocabulary = 4, .order = 2, .smoothing = Smoothing::interpolated});
  // The last 19 tokens are predicted: 7, 6 and 6 of them 0, 1 and 2; three different ones seen after nothing and after
  // 0.
  const auto single = [](double count) { return (count + 3 * 0.25) / (19 + 3); };
  const auto pair = [&](double count, double below) { return (count + 3 * single(below)) / (7 + 3); };
  const std::vector<double> p = after(model, {0});
  CHECK(p == std::vector<double>{pair(1, 7), pair(4, 6), pair(2, 6), pair(0, 0)});
  CHECK(after(model, {3}) == std::vector<double>{single(7), single(6), single(6), single(0)});  // never seen: shorter
}

TEST_CASE("n-gram: probabilities sum to 1 after every context", "[models][ngram]") {
  for (const Smoothing smoothing : {Smoothing::additive, Smoothing::interpolated})
    for (const double delta : {0.0, 0.01, 3.0})
      for (const std::int64_t order : {1, 2, 3, 4, 20}) {
        const Ngram model = fitted({.vocabulary = 5, .order = order, .smoothing = smoothing, .delta = delta});
        Ids context(static_cast<std::size_t>(order - 1), 0);
        for (std::int64_t number = 0; number < 25; ++number) {
          if (order > 1) context.back() = number % 5;
          if (order > 2) context[context.size() - 2] = number / 5;
          CAPTURE(order, delta, number);
          CHECK(std::abs(total(after(model, context)) - 1) < 1e-12);
        }
      }
}

TEST_CASE("n-gram: perplexity is the exponential of the mean surprise", "[models][ngram]") {
  const Ngram model = fitted({.vocabulary = 3, .order = 2, .delta = 0});
  const models::Surprisal one = model.evaluate(Ids{0, 1, 1, 0});  // 4/7 · 1/6 · 3/6
  CHECK(one.tokens == 3);
  CHECK(std::abs(one.nats - std::log(21.)) < 1e-14);
  CHECK(std::abs(one.perplexity() - std::cbrt(21.)) < 1e-14);
  CHECK(Ngram({.vocabulary = 8, .order = 3}).evaluate(Ids(10, 7)).perplexity() == Approx(8));  // nothing counted
  CHECK(fitted({.vocabulary = 2, .order = 1, .delta = 0}, {1, 1}).evaluate(Ids{1}).nats == 0);

  // A token never seen after a context that was has probability 0 without delta.
  const Ngram sure = fitted({.vocabulary = 2, .order = 2, .delta = 0}, {0, 0, 0});
  CHECK(std::isinf(sure.evaluate(Ids{0, 1}).nats));
  CHECK(std::isinf(sure.evaluate(Ids{0, 1}).perplexity()));
  CHECK(std::isfinite(fitted({.vocabulary = 2, .order = 2, .delta = 1e-9}, {0, 0, 0}).evaluate(Ids{0, 1}).nats));
}

TEST_CASE("n-gram: lines begin with the begin token and end with the end token", "[models][ngram]") {
  Ngram model({.vocabulary = 4, .order = 3, .delta = 0});
  model.fit_lines({{1, 2}, {1}, {}}, 0, 3);
  CHECK(test::same_bits(model.counts(),
                        tensor({0, 0, 1, 2, 0, 0, 3, 1, 0, 1, 2, 1, 0, 1, 3, 1, 1, 2, 3, 1}, {5, 4}, DType::i64)));
  const models::Surprisal found = model.evaluate_lines({{1, 2}, {}}, 0, 3);
  CHECK(found.tokens == 4);
  CHECK(std::abs(found.nats - std::log(3 / 2. * 2 * 3)) < 1e-14);

  Ngram same_token({.vocabulary = 4, .order = 2});  // makemore's convention
  same_token.fit_lines({{1}}, 0, 0);
  CHECK(test::same_bits(same_token.counts(), tensor({0, 1, 1, 1, 0, 1}, {2, 3}, DType::i64)));
}

TEST_CASE("n-gram: what was counted is all that it knows", "[models][ngram]") {
  for (const Smoothing smoothing : {Smoothing::additive, Smoothing::interpolated}) {
    const models::NgramConfig config{.vocabulary = 3, .order = 3, .smoothing = smoothing, .delta = 0.1};
    const Ngram model = fitted(config);
    Ngram copied(config);
    copied.add_counts(model.counts());
    CHECK(test::same_bits(copied.counts(), model.counts()));
    for (std::int64_t length = 0; length < 3; ++length)
      CHECK(copied.contexts_seen(length) == model.contexts_seen(length));
    CHECK(after(copied, {1, 2}) == after(model, {1, 2}));
    CHECK(copied.evaluate(twenty).nats == model.evaluate(twenty).nats);
    // Two fits add up.
    Ngram twice = model;
    twice.fit(twenty);
    CHECK(test::same_bits(select(twice.counts(), 1, 3).clone(), select(model.counts(), 1, 3) * 2));
  }
}

TEST_CASE("n-gram: what it says can be drawn from", "[models][ngram]") {
  const Ngram model = fitted({.vocabulary = 3, .order = 2, .delta = 0});
  const Tensor logits = log(model.probabilities(Ids{0}));
  Generator generator(1);
  CHECK(nn::sample(logits, {.temperature = 0}, generator) == 1);
  std::vector<int> drawn(3);
  for (int i = 0; i < 7000; ++i) ++drawn[to_size(nn::sample(logits, {}, generator))];
  CHECK(std::abs(drawn[0] - 1000) < 150);
  CHECK(std::abs(drawn[1] - 4000) < 200);
  const Ngram sure = fitted({.vocabulary = 2, .order = 2, .delta = 0}, {0, 0, 0});  // log 0 is never drawn
  for (int i = 0; i < 100; ++i) CHECK(nn::sample(log(sure.probabilities(Ids{0})), {}, generator) == 0);
}

TEST_CASE("n-gram: the full table as a number", "[models][ngram]") {
  const auto cells = [](std::int64_t vocabulary, std::int64_t order) {
    return Ngram::table_cells({.vocabulary = vocabulary, .order = order});
  };
  CHECK(cells(50, 2) == 2'500);
  CHECK(cells(50, 3) == 125'000);
  CHECK(cells(50, 4) == 6'250'000);
  CHECK(cells(50, 5) == 312'500'000);
  CHECK(cells(2, 62) == std::int64_t{1} << 62);
  CHECK_FALSE(cells(2, 63).has_value());
  CHECK_FALSE(cells(50'000, 5).has_value());
  CHECK(cells(1, 64) == 1);
  // A table that no memory holds is no matter: only what was seen is stored.
  CHECK(fitted({.vocabulary = std::int64_t{1} << 50, .order = 9}, Ids(20, 7)).contexts_seen(8) == 1);
}

TEST_CASE("n-gram: what is refused changes nothing", "[models][ngram]") {
  const auto config = [](models::NgramConfig c) { return test::refused<ShapeError>([&] { Ngram model(c); }); };
  CHECK(config({.vocabulary = 0}) == "ngram: vocabulary is 0, expected at least 1");
  CHECK(config({.vocabulary = 3, .order = 0}) == "ngram: order is 0, expected at least 1");
  CHECK(config({.vocabulary = 3, .order = 65}) == "ngram: order is 65, expected at most 64");
  CHECK_THROWS_AS(Ngram::table_cells({.vocabulary = 0}), ShapeError);
  for (const double delta : {-1.0, double{NAN}, double{INFINITY}})
    CHECK_THROWS_AS(Ngram({.vocabulary = 3, .delta = delta}), Error);

  Ngram model = fitted({.vocabulary = 3, .order = 3});
  const Tensor before = model.counts();
  CHECK(test::refused<IndexError>([&] { model.fit(Ids{0, 1, 2, 3}); }) == "ngram: id 3 is outside [0, 3)");
  CHECK_THROWS_AS(model.fit(Ids{0, 1, 2, -1}), IndexError);
  CHECK_THROWS_AS(model.fit_lines({{0, 1}, {3}}, 0, 0), IndexError);
  CHECK_THROWS_AS(model.fit_lines({{0, 1}}, 0, 3), IndexError);
  CHECK_THROWS_AS(model.evaluate(Ids{0, 1, 5}), IndexError);
  CHECK(test::refused<ShapeError>([&] { (void)model.evaluate(Ids{0, 1}); }) ==
        "ngram: a text of 2 tokens has none that order 3 predicts");
  CHECK_THROWS_AS(model.evaluate_lines({}, 0, 0), ShapeError);
  CHECK(test::refused<ShapeError>([&] { (void)model.probabilities(Ids{0}); }) ==
        "ngram: 1 tokens of context, order 3 needs 2");
  CHECK_THROWS_AS(model.probabilities(Ids{0, 3}), IndexError);
  CHECK_THROWS_AS(model.contexts_seen(3), IndexError);
  CHECK_THROWS_AS(model.contexts_seen(-1), IndexError);

  const auto counts = [](std::initializer_list<double> numbers) { return tensor(numbers, {2, 4}, DType::i64); };
  CHECK(test::refused<Error>([&] { model.add_counts(counts({0, 0, 0, 1, 0, 0, 0, 0})); }) ==
        "ngram: row 1 counts 0, expected 1 to 9223372036854775788");
  CHECK_THROWS_AS(model.add_counts(counts({0, 0, 0, 1, 0, 0, 3, 1})), IndexError);
  CHECK_THROWS_AS(model.add_counts(tensor({0, 0, 1}, {1, 3}, DType::i64)), ShapeError);
  CHECK_THROWS_AS(model.add_counts(Tensor()), Error);
  CHECK_THROWS_AS(model.add_counts(zeros({1, 4})), DTypeError);
  Tensor many = counts({0, 0, 0, 1, 0, 0, 1, 1});
  many.mutable_data<std::int64_t>()[3] = many.mutable_data<std::int64_t>()[7] = std::int64_t{1} << 62;
  CHECK_THROWS_AS(model.add_counts(many), Error);
  CHECK(test::same_bits(model.counts(), before));
}
