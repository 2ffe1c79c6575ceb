// Attention with a score and an align that are written here. What holds for every score is tested with the additive one
// (additive.cpp).
#include "heed/nn/attention/attention.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;

namespace {

// Scaled dot product of Vaswani et al. 2017: e = W q·k / √d.
struct DotScore {
  struct Config {
    std::int64_t query = 0, key = 0;
  };
  DotScore(const Config& c, const nn::ParameterSource& source)
      : weight(source.make({{c.key, c.query}, nn::ParameterKind::weight, DType::f64}, c.query)) {}
  static Variable project_keys(const Variable& keys) { return keys / std::sqrt(static_cast<double>(keys.size(2))); }
  Variable forward(const Variable& query, const Variable& keys) const {
    return matmul(linear(query, weight), mT(keys));
  }
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
  }
  nn::Parameter weight;
};

// Each key is weighed for itself.
struct SigmoidAlign {
  static Variable forward(const Variable& scores, const Tensor& mask) {
    return mask.defined() ? where(mask, sigmoid(scores), 0) : sigmoid(scores);
  }
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

template <class Attention>
Attention make(const typename Attention::Config& config) {
  Generator generator(1);
  return Attention(config, generator);
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

const std::vector<std::int64_t> lengths{4, 2};

}  // namespace

TEST_CASE("a score and an align of one's own", "[nn][attention]") {
  const auto attention = make<nn::Attention<DotScore, SigmoidAlign>>({.query = 2, .key = 3});
  test::Numbers numbers(1);
  const Tensor query = numbers.uniform({2, 3, 2}), key = numbers.uniform({2, 4, 3}), value = numbers.uniform({2, 4, 5});
  const nn::AttentionOutput found = attention.forward(
      {.query = Variable(query), .key = Variable(key), .value = Variable(value), .mask = nn::length_mask(lengths, 4)});
  REQUIRE(found.context.shape() == Shape{2, 3, 5});
  const test::Array q = test::to_array(query), k = test::to_array(key), v = test::to_array(value),
                    w = test::to_array(attention.score.weight.value());
  test::Array weights({2, 3, 4}), context({2, 3, 5});
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t t = 0; t < 3; ++t)
      for (std::int64_t s = 0; s < lengths[to_size(b)]; ++s) {
        double e = 0;
        for (std::int64_t i = 0; i < 3; ++i)
          for (std::int64_t j = 0; j < 2; ++j) e += w[{i, j}] * q[{b, t, j}] * k[{b, s, i}] / std::sqrt(3.0);
        weights[{b, t, s}] = 1 / (1 + std::exp(-e));
        for (std::int64_t d = 0; d < 5; ++d) context[{b, t, d}] += weights[{b, t, s}] * v[{b, s, d}];
      }
  const double ulps = 1e-12 / std::numeric_limits<double>::epsilon();
  CHECK(test::difference(found.weights.value(), weights, ulps, 1) == "");
  CHECK(test::difference(found.context.value(), context, ulps, 1) == "");
}

TEST_CASE("a score of one's own passes gradcheck", "[nn][attention]") {
  using DotAttention = nn::Attention<DotScore>;
  test::Numbers numbers(2);
  const auto run = [](const DotAttention& probe, std::span<const Variable> x) {
    return probe
        .forward(
            {.query = x[0], .key = x[1], .value = x[2], .mask = nn::length_mask(std::vector<std::int64_t>{4, 0}, 4)})
        .context;
  };
  CHECK(test::module_gradcheck(make<DotAttention>({.query = 2, .key = 3}),
                               {numbers.uniform({2, 3, 2}), numbers.uniform({2, 4, 3}), numbers.uniform({2, 4, 5})},
                               run) == "");
}

TEST_CASE("values that are not given are the keys", "[nn][attention]") {
  const auto attention = make<nn::Attention<DotScore>>({.query = 2, .key = 3});
  test::Numbers numbers(3);
  const Tensor keys = numbers.uniform({2, 4, 3});
  Tensor beyond = slice(select(keys, 0, 1), 0, lengths[1], to_end);
  fill(beyond, std::numeric_limits<double>::quiet_NaN());
  const Variable query(numbers.uniform({2, 3, 2})), key(keys);
  const Tensor mask = nn::length_mask(lengths, 4);
  CHECK(test::same_bits(attention.forward({.query = query, .key = key, .mask = mask}).context.value(),
                        attention.forward({.query = query, .key = key, .value = key, .mask = mask}).context.value()));
}

TEST_CASE("a reordered memory answers as its examples do", "[nn][attention]") {
  Generator generator(1);
  const nn::AdditiveAttention attention({.query = 2, .key = 3, .hidden = 4, .dtype = DType::f64}, generator);
  test::Numbers numbers(4);
  const Variable key(numbers.uniform({2, 4, 3}));
  const Tensor rows = tensor({1, 0, 1}, {3}, DType::i64), query = numbers.uniform({2, 3, 2});
  for (const Tensor& mask : {nn::no_mask, nn::length_mask(lengths, 4)}) {
    const nn::AttentionMemory memory = attention.project_keys({.key = key, .mask = mask});
    const nn::AttentionOutput found = attention.forward(Variable(query), memory);
    const nn::AttentionOutput reordered =
        attention.forward(Variable(index_select(query, 0, rows)), nn::reorder_memory(memory, rows));
    CHECK(far(reordered.context.value(), index_select(found.context.value(), 0, rows)) == "");
    CHECK(far(reordered.weights.value(), index_select(found.weights.value(), 0, rows)) == "");
  }
}

TEST_CASE("a mask may differ from query to query, and its batch be 1", "[nn][attention]") {
  const auto attention = make<nn::Attention<DotScore>>({.query = 2, .key = 3});
  test::Numbers numbers(5);
  const Variable query(numbers.uniform({2, 4, 2}), true), key(numbers.uniform({2, 4, 3}), true);
  const nn::AttentionOutput causal = attention.forward({.query = query, .key = key, .mask = nn::causal_mask(4, 4)});
  for (std::int64_t t = 0; t < 4; ++t) {  // as if the keys beyond were not there
    const Variable known = slice(key, 1, 0, t + 1);
    const nn::AttentionOutput one = attention.forward({.query = slice(query, 1, t, t + 1), .key = known});
    CHECK(far(slice(causal.context.value(), 1, t, t + 1), one.context.value()) == "");
  }
  // T > S: the first rows are empty (offset -2)
  const nn::AttentionOutput late =
      attention.forward({.query = slice(query, 1, 0, 3), .key = slice(key, 1, 0, 1), .mask = nn::causal_mask(3, 1)});
  CHECK(far(slice(late.context.value(), 1, 0, 2), zeros({2, 2, 3}, DType::f64)) == "");
  backward(sum(late.context));
  CHECK(far(slice(query.grad(), 1, 0, 2), zeros({2, 2, 2}, DType::f64)) == "");

  const auto message = [&](const Tensor& mask) {
    return test::refused<ShapeError>([&] { attention.forward({.query = query, .key = key, .mask = mask}); });
  };
  CHECK(message(nn::causal_mask(3, 4)).starts_with("attention: T differs: query axis -2 = 4, memory.mask axis -2 = 3"));
  CHECK(message(nn::causal_mask(4, 3)).starts_with("attention: S differs: key axis -2 = 4, mask axis -1 = 3"));
  CHECK_THROWS_AS(attention.forward({.query = query, .key = key, .mask = zeros({2, 4, 4})}), DTypeError);
}

TEST_CASE("what comes later changes no bit of what a causal mask lets through", "[nn][attention]") {
  const auto attention = make<nn::Attention<DotScore>>({.query = 2, .key = 3});
  test::Numbers numbers(6);
  const Variable query(numbers.uniform({1, 4, 2}));
  const Tensor keys = numbers.uniform({1, 4, 3});
  const auto run = [&](const Tensor& k) {
    return attention.forward({.query = query, .key = Variable(k), .mask = nn::causal_mask(4, 4)}).context.value();
  };
  const Tensor before = slice(run(keys), 1, 0, 2).contiguous();
  Tensor changed = keys.clone(), later = slice(changed, 1, 2, to_end);
  fill(later, 3);
  CHECK(test::same_bits(slice(run(changed), 1, 0, 2).contiguous(), before));
  fill(later, std::numeric_limits<double>::quiet_NaN());
  CHECK(far(slice(run(changed), 1, 0, 2), before) == "");
}

TEST_CASE("attend hides values that are no numbers from the queries that may not see them", "[nn][attention]") {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const Variable scores(zeros({1, 2, 2}, DType::f64), true);
  const Variable values(tensor({1, not_a_number}, {1, 2, 1}, DType::f64), true);
  const nn::AttentionOutput found = nn::attend(scores, nn::causal_mask(2, 2), values);
  CHECK(test::to_array(found.context.value())[{0, 0, 0}] == 1);
  CHECK(std::isnan(test::to_array(found.context.value())[{0, 1, 0}]));
  const nn::AttentionOutput features =
      nn::attend(Variable(zeros({1, 2, 2, 1}, DType::f64)), nn::causal_mask(2, 2), values);
  CHECK(test::to_array(features.context.value())[{0, 0, 0}] == 1);
}
