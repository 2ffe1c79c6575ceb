// Additive attention: order of the keys, masks, first steps of training, batches. Parity with PyTorch: tests/parity.
#include "heed/nn/attention/score/additive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::AdditiveAttention;
using nn::AttentionOutput;

namespace {

constexpr std::int64_t B = 3, T = 2, S = 5, A = 6;

// Query width 3, key width 4; weights far enough from 0 for alignments that are not uniform.
AdditiveAttention make(std::uint64_t seed) {
  Generator generator(seed);
  AdditiveAttention attention({.query = 3, .key = 4, .hidden = A, .dtype = DType::f64}, generator);
  for (nn::Parameter* p : {&attention.score.query_weight, &attention.score.key_weight, &attention.score.v})
    *p = nn::Parameter(uniform(generator, p->shape(), -1.5, 1.5, DType::f64));
  return attention;
}

struct Given {
  Tensor query, keys, values;  // [B, T, 3], [B, S, 4], [B, S, 2]

  explicit Given(test::Numbers& numbers)
      : query(numbers.uniform({B, T, 3})), keys(numbers.uniform({B, S, 4})), values(numbers.uniform({B, S, 2})) {}
};

AttentionOutput attend(const AdditiveAttention& attention, const Given& x, const Tensor& mask) {
  return attention.forward(
      {.query = Variable(x.query), .key = Variable(x.keys), .value = Variable(x.values), .mask = mask});
}

// Context, weights, and the gradients of a weighted sum of both: inputs first, then parameters.
std::vector<Tensor> run(const AdditiveAttention& attention, const Given& x, const Tensor& mask) {
  const std::vector<Variable> parameters = nn::parameters(attention);
  for (const Variable& parameter : parameters) parameter.set_grad({});
  const Variable query(x.query, true), keys(x.keys, true), values(x.values, true);
  const AttentionOutput found = attention.forward({.query = query, .key = keys, .value = values, .mask = mask});
  test::Numbers numbers(99);
  const Variable dc(numbers.uniform(found.context.shape())), dw(numbers.uniform(found.weights.shape()));
  backward(sum(found.context * dc) + sum(found.weights * dw));
  std::vector<Tensor> results{found.context.value(), found.weights.value(), query.grad(), keys.grad(), values.grad()};
  for (const Variable& parameter : parameters) results.push_back(parameter.grad());
  return results;
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

bool is_zero(const Tensor& x) {
  const auto numbers = test::to_array(x).numbers;
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return number == 0; });
}

bool is_finite(const Tensor& x) {
  const auto numbers = test::to_array(x).numbers;
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

}  // namespace

TEST_CASE("the order of the keys is the order of the weights", "[nn][attention]") {
  const AdditiveAttention attention = make(1);
  test::Numbers numbers(1);
  Given x(numbers);
  const Tensor mask = numbers.mask({B, 1, S}), order = tensor({3, 0, 4, 1, 2}, {S}, DType::i64);
  const AttentionOutput before = attend(attention, x, mask);
  x.keys = index_select(x.keys, 1, order);
  x.values = index_select(x.values, 1, order);
  const AttentionOutput after = attend(attention, x, index_select(mask, 2, order));
  CHECK(far(after.weights.value(), index_select(before.weights.value(), 2, order)) == "");
  CHECK(far(after.context.value(), before.context.value()) == "");
}

TEST_CASE("the alignment depends on the query, through tanh", "[nn][attention]") {
  AdditiveAttention attention = make(2);
  test::Numbers numbers(2);
  Given x(numbers);
  const auto difference_of_queries = [&] {
    const Tensor weights = attend(attention, x, nn::no_mask).weights.value();
    return max(abs(select(weights, 1, 0) - select(weights, 1, 1))).item();
  };
  CHECK(difference_of_queries() > 0.05);
  attention.score.query_weight = nn::Parameter(zeros({A, 3}, DType::f64));
  CHECK(difference_of_queries() == 0);
}

TEST_CASE("the first alignment is uniform over the allowed keys, and v learns first", "[nn][attention]") {
  Generator generator(3);
  const AdditiveAttention attention({.query = 3, .key = 4, .hidden = A, .dtype = DType::f64}, generator);
  test::Numbers numbers(3);
  const Given x(numbers);
  const std::vector<std::int64_t> lengths{5, 2, 1};
  const std::vector<Tensor> results = run(attention, x, nn::length_mask(lengths, S));
  for (std::int64_t b = 0; b < B; ++b)
    for (std::int64_t s = 0; s < S; ++s) {
      const std::int64_t length = lengths[static_cast<std::size_t>(b)];
      CHECK(test::to_array(results[1])[{b, 1, s}] == (s < length ? 1 / static_cast<double>(length) : 0));
    }
  CHECK(is_zero(results[2]));  // query
  CHECK(is_zero(results[5]));  // W
  CHECK(is_zero(results[6]));  // U
  const auto v_gradient = test::to_array(results[7]).numbers;
  CHECK(std::all_of(v_gradient.begin(), v_gradient.end(), [](double number) { return std::abs(number) > 1e-8; }));
}

TEST_CASE("an example with no allowed key gives 0 and learns nothing", "[nn][attention]") {
  const AdditiveAttention attention = make(4);
  test::Numbers numbers(4);
  const Given x(numbers);
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{5, 0, 2}, S);
  const std::vector<Tensor> results = run(attention, x, mask);
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(is_zero(select(results[i], 0, 1)));
    CHECK(!is_zero(select(results[i], 0, 0)));
  }
  for (const Tensor& result : results) CHECK(is_finite(result));

  for (const Tensor& result : run(attention, x, zeros({B, 1, S}, DType::boolean))) CHECK(is_zero(result));
}

TEST_CASE("NaN under a masked key reaches neither the output nor a gradient", "[nn][attention]") {
  const AdditiveAttention attention = make(5);
  test::Numbers numbers(5);
  Given x(numbers);
  const std::vector<std::int64_t> lengths{3, 5, 0};
  const Tensor mask = nn::length_mask(lengths, S);
  const std::vector<Tensor> wanted = run(attention, x, mask);
  for (double garbage : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300}) {
    for (std::int64_t b = 0; b < B; ++b)
      for (Tensor* part : {&x.keys, &x.values}) {
        Tensor beyond = slice(select(*part, 0, b), 0, lengths[static_cast<std::size_t>(b)], to_end);
        fill(beyond, garbage);
      }
    const std::vector<Tensor> got = run(attention, x, mask);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CAPTURE(garbage, i);
      CHECK(test::same_bits(got[i], wanted[i]));
    }
  }
}

TEST_CASE("an attended batch equals its examples alone", "[nn][attention]") {
  const AdditiveAttention attention = make(6);
  test::Numbers numbers(6);
  Given x(numbers);
  const std::vector<std::int64_t> lengths{4, 1, 5};
  const AttentionOutput batch = attend(attention, x, nn::length_mask(lengths, S));
  for (std::int64_t b = 0; b < B; ++b) {
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    const auto row = [&](const Tensor& t) { return slice(t, 0, b, b + 1); };
    Given one = x;
    one.query = row(x.query);
    one.keys = slice(row(x.keys), 1, 0, length);
    one.values = slice(row(x.values), 1, 0, length);
    const AttentionOutput alone = attend(attention, one, nn::no_mask);
    CHECK(far(row(batch.context.value()), alone.context.value()) == "");
    CHECK(far(slice(row(batch.weights.value()), 2, 0, length), alone.weights.value()) == "");
  }
}

TEST_CASE("queries together equal queries one at a time", "[nn][attention]") {
  const AdditiveAttention attention = make(7);
  test::Numbers numbers(7);
  const Given x(numbers);
  const nn::AttentionMemory memory =
      attention.project_keys({.key = Variable(x.keys), .value = Variable(x.values), .mask = numbers.mask({B, 1, S})});
  const AttentionOutput together = attention.forward(Variable(x.query), memory);
  for (std::int64_t t = 0; t < T; ++t) {
    const AttentionOutput one = attention.forward(Variable(slice(x.query, 1, t, t + 1)), memory);
    CHECK(far(slice(together.context.value(), 1, t, t + 1), one.context.value()) == "");
    CHECK(far(slice(together.weights.value(), 1, t, t + 1), one.weights.value()) == "");
  }
}

TEST_CASE("additive attention passes gradcheck through inputs and parameters", "[nn][attention]") {
  test::Numbers numbers(8);
  const Given x(numbers);
  for (const Tensor& mask : {Tensor(), nn::length_mask(std::vector<std::int64_t>{4, 0, 5}, S)}) {
    const auto both = [&](const AdditiveAttention& probe, std::span<const Variable> inputs) {
      const AttentionOutput found =
          probe.forward({.query = inputs[0], .key = inputs[1], .value = inputs[2], .mask = mask});
      return concat({reshape(found.context, {-1}), reshape(found.weights, {-1})}, 0);
    };
    CHECK(test::module_gradcheck(make(8), {x.query, x.keys, x.values}, both) == "");
  }
}

TEST_CASE("1,000 random masks: weights are a distribution over the allowed keys or 0", "[nn][attention]") {
  const AdditiveAttention attention = make(9);
  test::Numbers numbers(9);
  const Given x(numbers);
  int empty_rows = 0;
  for (int round = 0; round < 1000; ++round) {
    CAPTURE(round);
    const Tensor mask = numbers.mask({B, 1, S}, 0.1 * static_cast<double>(round % 11));
    const std::vector<Tensor> results = run(attention, x, mask);
    bool finite = true;
    for (const Tensor& result : results) finite = finite && is_finite(result);
    const test::Array allowed = test::to_array(mask), weights = test::to_array(results[1]);
    bool sums = true, masked = true, empty_is_zero = true;
    for (std::int64_t b = 0; b < B; ++b) {
      double count = 0;
      for (std::int64_t s = 0; s < S; ++s) count += allowed[{b, 0, s}];
      for (std::int64_t t = 0; t < T; ++t) {
        double total = 0;
        for (std::int64_t s = 0; s < S; ++s) {
          total += weights[{b, t, s}];
          masked = masked && (weights[{b, t, s}] > 0) == (allowed[{b, 0, s}] == 1);
        }
        sums = sums && std::abs(total - (count > 0 ? 1 : 0)) < 1e-14;
      }
      if (count > 0) continue;
      ++empty_rows;
      for (std::size_t i = 0; i < 5; ++i) empty_is_zero = empty_is_zero && is_zero(select(results[i], 0, b));
    }
    CHECK(finite);
    CHECK(sums);
    CHECK(masked);
    CHECK(empty_is_zero);
  }
  CHECK(empty_rows > 300);
}

TEST_CASE("additive attention refuses what does not fit", "[nn][attention]") {
  const AdditiveAttention attention = make(10);
  const auto memory = [&](const Shape& keys, const Shape& values, const Tensor& mask) {
    return attention.project_keys(
        {.key = Variable(zeros(keys, DType::f64)), .value = Variable(zeros(values, DType::f64)), .mask = mask});
  };
  const Variable query(zeros({B, T, 3}, DType::f64));
  CHECK_NOTHROW(attention.forward(query, memory({B, S, 4}, {B, S, 2}, ones({B, 1, S}, DType::boolean))));
  const auto message = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(message([&] { memory({B, S, 3}, {B, S, 2}, nn::no_mask); }) ==
        "additive score: K differs: keys axis -1 = 3, key.weight axis -1 = 4: keys [3, 5, 3], key.weight [6, 4]; "
        "expected [B, S, K], [A, K]");
  CHECK(message([&] { memory({B, S, 4}, {B, S + 1, 2}, nn::no_mask); }) ==
        "attention: S differs: key axis -2 = 5, value axis -2 = 6: key [3, 5, 4], value [3, 6, 2]; expected "
        "[B, S, K], [B, S, D]");
  CHECK(message([&] { memory({B, S, 4}, {B + 1, S, 2}, nn::no_mask); }).starts_with("attention: B differs: key axis"));
  CHECK_THROWS_AS(memory({B, S, 4}, {B, S, 2}, ones({B, S}, DType::boolean)), ShapeError);
  CHECK_THROWS_AS(memory({B, S, 4}, {B, S, 2}, ones({B, 1, S + 1}, DType::boolean)), ShapeError);
  CHECK(message([&] {
          attention.forward(query, memory({B + 1, S, 4}, {B + 1, S, 2}, nn::no_mask));
        }).starts_with("attention: B differs: query axis -3 = 3, memory.keys axis -3 = 4: query [3, 2, 3]"));
  const nn::AttentionMemory fits = memory({B, S, 4}, {B, S, 2}, nn::no_mask);
  CHECK(message([&] {
          attention.forward(Variable(zeros({B, T, 4}, DType::f64)), fits);
        }).starts_with("additive score: Q differs: query axis -1 = 4, query.weight axis -1 = 3: query [3, 2, 4]"));
  CHECK(message([&] {
          attention.forward(Variable(zeros({B, 3}, DType::f64)), fits);
        }).starts_with("attention: query has rank 2, expected 3"));
  Generator generator(1);
  CHECK(message([&] { AdditiveAttention({.query = 3, .key = 4}, generator); }) ==
        "additive score: hidden is 0, expected at least 1");
}

TEST_CASE("a source of no positions gives 0", "[nn][attention]") {
  const AdditiveAttention attention = make(11);
  const Variable keys(zeros({B, 0, 4}, DType::f64), true), values(zeros({B, 0, 2}, DType::f64), true);
  const Variable query(ones({B, T, 3}, DType::f64), true);
  for (const Tensor& mask : {Tensor(), nn::length_mask(std::vector<std::int64_t>(B, 0), 0)}) {
    const AttentionOutput found = attention.forward({.query = query, .key = keys, .value = values, .mask = mask});
    CHECK(found.weights.shape() == Shape{B, T, 0});
    CHECK(far(found.context.value(), zeros({B, T, 2}, DType::f64)) == "");
    backward(sum(found.context));
    CHECK(far(query.grad(), zeros({B, T, 3}, DType::f64)) == "");
    CHECK(keys.grad().shape() == Shape{B, 0, 4});
  }
}
