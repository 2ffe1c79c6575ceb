// Scaled dot-product attention: what it refuses and leaves out, what masks hide, and traps that others have fallen
// into. Values and gradients: tests/op_cases_attention.cpp. Bits, memory and layouts:
// scaled_dot_product_attention_bits.cpp.
#include "heed/autograd/fused/scaled_dot_product_attention.h"

#include <limits>

#include "autograd/fused/check_constants.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::Numbers;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Given {
  Tensor query, key, value;
};

Given random_inputs(std::int64_t queries, std::int64_t keys, unsigned seed = 1) {
  Numbers numbers(seed);
  const Tensor query = numbers.uniform({1, 2, queries, 8}), key = numbers.uniform({1, 2, keys, 8});
  return {query, key, numbers.uniform({1, 2, keys, 6})};
}

struct Results {
  Tensor y;
  std::vector<Tensor> gradients;  // of query, key, value
};

Results run(const Given& in, const AttentionOptions& options, const Tensor& dy = {}) {
  const std::vector<Variable> x{Variable(in.query, true), Variable(in.key, true), Variable(in.value, true)};
  const Variable y = scaled_dot_product_attention(x[0], x[1], x[2], options);
  return {y.value(), gradients(y, x, dy.defined() ? dy : Numbers(9).uniform(y.shape()))};
}

bool same(const Results& a, const Results& b) {
  bool all = test::same_bits(a.y, b.y);
  for (std::size_t i = 0; i < 3; ++i) all = all && test::same_bits(a.gradients[i], b.gradients[i]);
  return all;
}

// x with `number` in row `row` of axis 2.
Tensor with_row(const Tensor& x, std::int64_t row, double number) {
  const Tensor here = reshape(equal(arange(x.size(2)), row), {x.size(2), 1});
  return where(here, full({}, number, x.dtype()), x);
}

// Which weights are not 0, row by row: values that are unit vectors give weights.
std::string seen(std::int64_t queries, std::int64_t keys, const AttentionOptions& options) {
  const Tensor unit = to(equal(arange(keys), reshape(arange(keys), {keys, 1})), DType::f64);
  const Variable y = scaled_dot_product_attention(Variable(Numbers(2).uniform({1, 1, queries, 3})),
                                                  Variable(Numbers(3).uniform({1, 1, keys, 3})),
                                                  Variable(reshape(unit, {1, 1, keys, keys})), options);
  std::string text;
  for (const double weight : test::to_array(y.value()).numbers) {
    if (!text.empty() && (text.size() + 1) % static_cast<std::size_t>(keys + 1) == 0) text += ' ';
    text += weight == 0 ? '0' : '1';
  }
  return text;
}

bool all_zero(const Tensor& x) { return !(max(abs(x)).item() > 0) && sum(x * 0.0).item() == 0; }

}  // namespace

TEST_CASE("causal weights are rows of their own, each of what came before (T-05's table)", "[attention]") {
  const std::initializer_list<double> table = {1, 0, 0, 0, 0.5, 0.5, 0, 0, 0.45, 0.45, 0.1, 0, 0.3, 0.3, 0.1, 0.3};
  // Scores are logarithms of the weights, and any number where a later key stands.
  const Tensor wanted = tensor(table, {4, 4}, DType::f64), scores = where(wanted > 0, log(maximum(wanted, 1e-9)), 7.0);
  const Tensor units = to(equal(reshape(arange(4), {4, 1}), arange(4)), DType::f64);
  const Variable nothing(zeros({1, 1, 4, 1}, DType::f64)), values(reshape(units, {1, 1, 4, 4}));
  const Tensor y = scaled_dot_product_attention(nothing, nothing, values, Variable(scores), {.causal = true}).value();
  CHECK(max(abs(reshape(y, {4, 4}) - wanted)).item() < 1e-14);
}

TEST_CASE("attention says what it was given", "[autograd][attention]") {
  const Variable q(ones({2, 4, 3, 5})), k(ones({2, 2, 6, 5})), v(ones({2, 2, 6, 7}));
  const auto message = [&](const Variable& query, const Variable& key, const AttentionOptions& options) {
    return test::refused<ShapeError>([&] { scaled_dot_product_attention(query, key, v, options); });
  };
  CHECK(
      message(q, Variable(ones({2, 2, 5, 5})), {}) ==
      "scaled_dot_product_attention: S differs: key axis -2 = 5, value axis -2 = 6: query [2, 4, 3, 5], key [2, 2, 5, "
      "5], value [2, 2, 6, 7]; expected [B, H, T, K], [B, G, S, K], [B, G, S, D]");
  CHECK(message(Variable(ones({2, 3, 3, 5})), k, {}) ==
        "scaled_dot_product_attention: H = 3 is no multiple of G = 2: query [2, 3, 3, 5], key [2, 2, 6, 5]");
  CHECK(message(q, k, {.mask = ones({3, 5}, DType::boolean)}) ==
        "scaled_dot_product_attention: mask [3, 5] does not broadcast to [B, H, T, S] = [2, 4, 3, 6]");
  const auto refused = [&](const AttentionOptions& options) {
    return test::refused<Error>([&] { scaled_dot_product_attention(q, k, v, options); });
  };
  CHECK(refused({.scale = infinity}) == "scaled_dot_product_attention: scale is inf, expected a finite number");
  CHECK(refused({.dropout = 1.5}) == "scaled_dot_product_attention: dropout is 1.5, expected 0 <= dropout <= 1");
  CHECK(refused({.dropout = not_a_number}) ==
        "scaled_dot_product_attention: dropout is nan, expected 0 <= dropout <= 1");
  CHECK(refused({.dropout = 0.5}) == "scaled_dot_product_attention: dropout is 0.5 and no generator is given");
  Generator generator(1);
  CHECK_THROWS_AS(scaled_dot_product_attention(q, k, k, Variable(ones({7})), {.dropout = 0.5, .generator = &generator}),
                  ShapeError);
  CHECK(generator.counter() == 0);
}

TEST_CASE("attention computes no gradient of a constant, and the others as ever", "[autograd][attention]") {
  Numbers numbers(5);
  std::vector<Tensor> inputs{numbers.uniform({2, 4, 50, 5})};
  inputs.push_back(numbers.uniform({2, 2, 70, 5}));
  inputs.push_back(numbers.uniform({2, 2, 70, 3}));
  inputs.push_back(numbers.uniform({4, 1, 70}));
  test::check_constants(
      inputs, [](const auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], x[3], {.causal = true}); });
  const Tensor mask = numbers.mask({2, 1, 50, 70});
  test::check_constants(inputs, [&](const auto& x) {
    Generator generator(3);
    return scaled_dot_product_attention(x[0], x[1], x[2], x[3],
                                        {.mask = mask, .dropout = 0.25, .generator = &generator});
  });
}

// traps.md A5: two ways to align queries and keys of different number; queries before the first key.
TEST_CASE("a causal query sees the keys up to its offset", "[autograd][attention]") {
  CHECK(seen(2, 5, {.causal = true, .causal_offset = 3}) == "11110 11111");
  CHECK(seen(2, 5, {.causal = true}) == "11110 11111");
  CHECK(seen(2, 5, {.causal = true, .causal_offset = 0}) == "10000 11000");
  CHECK(seen(3, 1, {.causal = true, .causal_offset = -2}) == "0 0 1");
  const Results found = run(random_inputs(3, 1), {.causal = true, .causal_offset = -2});
  for (const std::int64_t row : {0, 1}) {
    CHECK(all_zero(select(found.y, 2, row)));
    CHECK(all_zero(select(found.gradients[0], 2, row)));
  }
  CHECK(!all_zero(select(found.y, 2, 2)));
}

// traps.md A7: a running maximum that is left at 0 by a first tile without keys.
TEST_CASE("a tile without keys leaves the maximum alone", "[autograd][attention]") {
  const std::int64_t hidden = 256, keys = hidden + 4;
  const Tensor mask = less(Tensor(full({}, hidden - 1, DType::i64)), arange(keys));
  const Tensor unit = to(equal(arange(keys), reshape(arange(4) + hidden, {4, 1})), DType::f32);
  for (const double score : {-200.0, 200.0}) {
    const Variable y = scaled_dot_product_attention(
        Variable(ones({1, 1, 1, 1})), Variable(full({1, 1, keys, 1}, score)),
        Variable(reshape(transpose(unit, 0, 1), {1, 1, keys, 4})), {.mask = mask, .scale = 1});
    CHECK(test::same_bits(y.value(), full({1, 1, 1, 4}, 0.25)));
  }
}

// traps.md A8: a large negative number in place of -inf.
TEST_CASE("no score is too low for a key that is seen", "[autograd][attention]") {
  const auto of = [](const std::vector<Scalar>& numbers) {
    return Variable(tensor(numbers, {1, 1, 2, 1}, DType::f32));
  };
  const Variable y = scaled_dot_product_attention(Variable(full({1, 1, 1, 1}, -20000)), of({1, 0}), of({1, 100}),
                                                  {.mask = tensor({1, 0}, {2}, DType::boolean), .scale = 1});
  CHECK(y.item() == 1);
}

// traps.md A9: the gradient of the scores takes the weights from before dropout, that of the weights what was dropped.
TEST_CASE("the gradient of dropped weights", "[autograd][attention]") {
  std::uint64_t seed = 0;
  for (bool found = false; !found; ++seed) {
    Generator draws(seed + 1);
    const bool first = draws.uniform() >= 0.5, second = draws.uniform() >= 0.5;
    found = first && !second;
  }
  Generator generator(seed);
  const Variable key(zeros({1, 1, 2, 1})), bias(zeros({1, 1, 1, 2}), true);
  const Variable y =
      scaled_dot_product_attention(Variable(ones({1, 1, 1, 1})), key, Variable(tensor({1, 3}, {1, 1, 2, 1})), bias,
                                   {.dropout = 0.5, .generator = &generator});
  CHECK(y.item() == 1);
  CHECK(test::same_bits(gradients(y, {bias}, ones({1, 1, 1, 1}))[0], tensor({0.5, -0.5}, {1, 1, 1, 2})));
  CHECK(generator.counter() == 2);
}

// traps.md A10: one option lost, or drawn anew, on the way back.
TEST_CASE("every option is there in the gradient", "[autograd][attention]") {
  const std::int64_t size = 37;
  const Tensor window = logical_and(less_equal(arange(size), reshape(arange(size), {size, 1})),
                                    less(reshape(arange(size), {size, 1}) - 3, arange(size)));
  Numbers numbers(4);
  std::vector<Tensor> inputs{numbers.uniform({1, 1, size, 2})};
  inputs.push_back(numbers.uniform({1, 1, size, 2}));
  inputs.push_back(numbers.uniform({1, 1, size, 1}));
  const AttentionOptions all[] = {{},
                                  {.mask = numbers.mask({size, size})},
                                  {.mask = window},
                                  {.causal = true},
                                  {.scale = 2},
                                  {.dropout = 0.25},
                                  {.mask = numbers.mask({size, size}), .causal = true, .scale = 2, .dropout = 0.25}};
  for (const AttentionOptions& given : all)
    CHECK(gradcheck(
              [&](const std::vector<Variable>& x) {
                Generator generator(8);
                AttentionOptions options = given;
                options.generator = &generator;
                return scaled_dot_product_attention(x[0], x[1], x[2], options);
              },
              inputs) == "");
  inputs.push_back(numbers.uniform({size, 1}));
  inputs.back() = expand(inputs.back(), {size, size}).clone();
  CHECK(gradcheck([](const std::vector<Variable>& x) { return scaled_dot_product_attention(x[0], x[1], x[2], x[3]); },
                  inputs) == "");
}

// traps.md A11: dropout where none was asked for.
TEST_CASE("without dropout nothing is drawn", "[autograd][attention]") {
  const Given in = random_inputs(5, 7);
  Generator generator(1);
  const AttentionOptions options{.generator = &generator};
  CHECK(same(run(in, options), run(in, {})));
  CHECK(same(run(in, options), run(in, options)));
  CHECK(generator.counter() == 0);
}

TEST_CASE("a query with nothing to attend to gives 0 and gets 0", "[autograd][attention]") {
  const Given in = random_inputs(60, 300);
  const Tensor rows = reshape(less(arange(60), 10), {60, 1});  // the first ten see nothing
  const Results found = run(in, {.mask = logical_not(rows)}), all = run(in, {});
  CHECK(all_zero(slice(found.y, 2, 0, 10)));
  CHECK(all_zero(slice(found.gradients[0], 2, 0, 10)));
  CHECK(test::same_bits(slice(found.y, 2, 10, 60), slice(all.y, 2, 10, 60)));
  CHECK(test::same_bits(slice(found.gradients[0], 2, 10, 60), slice(all.gradients[0], 2, 10, 60)));

  const Results none = run(in, {.mask = zeros({1, 1, 1, 300}, DType::boolean)});
  CHECK(all_zero(none.y));
  for (const Tensor& gradient : none.gradients) CHECK(all_zero(gradient));

  // The same by a bias, whose gradient is 0 as well; a bias may stand for a mask.
  const Variable query(in.query, true), bias(where(rows, full({}, -infinity, DType::f64), zeros({}, DType::f64)), true);
  const Variable y = scaled_dot_product_attention(query, Variable(in.key), Variable(in.value), bias);
  const std::vector<Tensor> by_bias = gradients(y, {query, bias}, Numbers(9).uniform(y.shape()));
  CHECK(test::same_bits(y.value(), found.y));
  CHECK(test::same_bits(by_bias[0], found.gradients[0]));
  CHECK(all_zero(slice(by_bias[1], 0, 0, 10)));
}

TEST_CASE("what is masked reaches nothing, whatever it is", "[autograd][attention]") {
  const Given in = random_inputs(60, 300);
  const std::int64_t hidden[] = {7, 40, 290};
  // Each of these keys is hidden from some queries, and key 290 from all.
  Tensor mask = ones({60, 300}, DType::boolean);
  for (const std::int64_t key : hidden) {
    const Tensor rows = reshape(less(arange(60), key == 290 ? 60 : key), {60, 1});
    mask = logical_and(mask, logical_not(logical_and(rows, equal(arange(300), key))));
  }
  Given clean = in;
  for (const std::int64_t key : hidden)
    clean.key = with_row(clean.key, key, 0), clean.value = with_row(clean.value, key, 0);
  // Queries that see all of them give no gradient, so that those of the others can be told apart.
  const Tensor dy =
      where(reshape(less(arange(60), 7), {60, 1}), Numbers(9).uniform({1, 2, 60, 6}), zeros({}, DType::f64));
  const Results wanted = run(clean, {.mask = mask}, dy);
  for (const double number : {not_a_number, infinity, -infinity}) {
    CAPTURE(number);
    Given dirty = in;
    for (const std::int64_t key : hidden)
      dirty.key = with_row(dirty.key, key, number), dirty.value = with_row(dirty.value, key, number);
    const Results found = run(dirty, {.mask = mask}, dy);
    CHECK(test::same_bits(slice(found.y, 2, 0, 7), slice(wanted.y, 2, 0, 7)));
    CHECK(test::same_bits(slice(found.gradients[0], 2, 0, 7), slice(wanted.gradients[0], 2, 0, 7)));
    for (const int input : {1, 2}) {  // of the key that nobody sees
      CHECK(all_zero(select(found.gradients[static_cast<std::size_t>(input)], 2, 290)));
    }
    // A query that sees such a number shows it.
    CHECK(sum(select(found.y, 2, 59) * 0.0).item() != 0);
  }
  // The same as a key that is not there yet.
  Given later = in;
  later.key = with_row(in.key, 200, not_a_number), later.value = with_row(in.value, 200, infinity);
  const AttentionOptions causal{.causal = true, .causal_offset = 139};  // no query sees key 200
  later.key = with_row(later.key, 299, not_a_number);
  CHECK(same(run(later, causal),
             run({in.query, with_row(with_row(in.key, 200, 0), 299, 0), with_row(in.value, 200, 0)}, causal)));
}

TEST_CASE("a query that sees nothing reaches no key", "[autograd][attention]") {
  const Given in = random_inputs(60, 300);
  const Tensor mask = logical_not(reshape(equal(arange(60), 33), {60, 1}));
  const Tensor dy = Numbers(9).uniform({1, 2, 60, 6});
  const Results wanted = run({with_row(in.query, 33, 0), in.key, in.value}, {.mask = mask}, with_row(dy, 33, 0));
  for (const double number : {not_a_number, infinity}) {
    CAPTURE(number);
    CHECK(same(run({with_row(in.query, 33, number), in.key, in.value}, {.mask = mask}, with_row(dy, 33, number)),
               wanted));
  }
}
