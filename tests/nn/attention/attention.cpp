// Attention with a score and an align that are written here. What holds for every score is tested with the additive one
// (additive.cpp).
#include "heed/nn/attention/attention.h"

#include <cmath>
#include <limits>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/attention/additive.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"

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
