// Attention in several hops: what each asks, sharing, masks, gradients, and what two hops find that one does not.
#include "heed/nn/attention/multi_hop.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/nn/embedding.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/train/accuracy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::LinearUpdate;
using nn::MultiHopAttention;
using nn::MultiHopOutput;
using nn::SoftmaxAlign;

namespace {

constexpr std::int64_t B = 2, T = 3, S = 4, D = 3;
using Hops = MultiHopAttention<nn::GeneralScore, SoftmaxAlign, LinearUpdate>;

Hops make(std::int64_t hops, bool shared) {
  Generator generator(1);
  return {{.hops = hops,
           .shared = shared,
           .score = {.query = D, .key = D + 1, .dtype = DType::f64},
           .update = {.query = D, .dtype = DType::f64}},
          generator};
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-13 / std::numeric_limits<double>::epsilon(), 1);
}

struct Given {
  Variable query, key, value;
  Tensor mask = nn::length_mask(std::vector<std::int64_t>{3, 0}, S);
};

Given draw(std::uint64_t seed) {
  test::Numbers numbers(seed);
  const Tensor query = numbers.uniform({B, T, D}), key = numbers.uniform({B, S, D + 1}),
               value = numbers.uniform({B, S, D});
  return {Variable(query, true), Variable(key, true), Variable(value, true)};
}

}  // namespace

TEST_CASE("each hop asks what the hop before made of its query and what it found", "[nn][attention]") {
  const Given in = draw(1);
  for (const bool shared : {false, true}) {
    const Hops attention = make(3, shared);
    CHECK(nn::state_dict(attention).size() == (shared ? 2 : 6));
    const MultiHopOutput found = attention.forward({.query = in.query, .key = in.key, .value = in.value});
    REQUIRE(found.hops.size() == 3);
    Variable query = in.query;
    for (std::size_t hop = 0; hop < 3; ++hop) {
      const std::size_t own = shared ? 0 : hop;
      const nn::AttentionOutput one =
          attention.attentions[own].forward({.query = query, .key = in.key, .value = in.value});
      CHECK(far(found.hops[hop].weights.value(), one.weights.value()) == "");
      CHECK(far(found.hops[hop].context.value(), one.context.value()) == "");
      query = linear(query, attention.updates[own].linear.weight) + one.context;
    }
    CHECK(far(found.query.value(), query.value()) == "");
  }
}

TEST_CASE("one hop with a sum is attention and what was asked", "[nn][attention]") {
  const Given in = draw(2);
  const MultiHopAttention<nn::DotScore> hops({}, nn::ParameterSource::zeros());
  const nn::Attention<nn::DotScore> attention({}, nn::ParameterSource::zeros());
  const MultiHopOutput found = hops.forward({.query = in.query, .key = in.value, .mask = in.mask});
  const nn::AttentionOutput one = attention.forward({.query = in.query, .key = in.value, .mask = in.mask});
  CHECK(test::same_bits(found.query.value(), in.query.value() + one.context.value()));
  CHECK(nn::parameter_count(hops) == 0);
}

TEST_CASE("hops pass gradcheck", "[nn][attention]") {
  const Given in = draw(3);
  const auto run = [&](const auto& probe, std::span<const Variable> x) {
    return probe.forward({.query = x[0], .key = x[1], .value = x[2], .mask = in.mask}).query;
  };
  const std::vector<Tensor> inputs{in.query.value(), in.key.value(), in.value.value()};
  for (const bool shared : {false, true}) CHECK(test::module_gradcheck(make(2, shared), inputs, run) == "");
  Generator generator(2);
  const MultiHopAttention<nn::AdditiveScore> additive(
      {.hops = 2, .score = {.query = D, .key = D + 1, .hidden = 2, .dtype = DType::f64}}, generator);
  CHECK(test::module_gradcheck(additive, inputs, run) == "");
}

TEST_CASE("no hop reads what is masked, and of nothing each finds 0", "[nn][attention]") {
  const Hops attention = make(2, false);
  const auto run = [&](double garbage) {
    const Given in = draw(4);
    for (const Variable* x : {&in.key, &in.value}) {
      Tensor beyond = slice(x->value(), 1, 3, S), nothing = slice(x->value(), 0, 1, 2);
      fill(beyond, garbage);
      fill(nothing, garbage);
    }
    for (const Variable& parameter : nn::parameters(attention)) parameter.set_grad({});
    const MultiHopOutput found =
        attention.forward({.query = in.query, .key = in.key, .value = in.value, .mask = in.mask});
    for (const nn::AttentionOutput& hop : found.hops) CHECK(norm(select(hop.context.value(), 0, 1)) == 0);
    test::Numbers numbers(5);
    backward(found.query, numbers.uniform({B, T, D}));
    std::vector<Tensor> results{found.query.value(), in.query.grad(), in.key.grad(), in.value.grad()};
    for (const Variable& parameter : nn::parameters(attention)) results.push_back(parameter.grad());
    return results;
  };
  const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  for (const std::size_t i : {2u, 3u}) CHECK(norm(select(wanted[i], 0, 1)) == 0);
}

TEST_CASE("hops refuse what does not fit", "[nn][attention]") {
  const Hops attention = make(2, false);
  const Given in = draw(6);
  CHECK(test::refused<ShapeError>([] { make(0, true); }) == "multi-hop attention: hops is 0, expected at least 1");
  CHECK(test::refused<ShapeError>([&] {
          attention.forward({.query = in.query, .key = in.key});
        }).starts_with("multi-hop update: Q differs: query axis -1 = 3, context axis -1 = 4"));
  CHECK(test::refused<Error>([&] { attention.forward(in.query, make(2, true).project_keys({.key = in.key})); }) ==
        "multi-hop attention: 1 memories for 2 attentions");
  CHECK_THROWS_AS(LinearUpdate({}, nn::ParameterSource::zeros()), ShapeError);
}

namespace {

// Two-step recall: a memory of pairs a -> b and b -> c in any order, all tokens of a pair drawn anew, so that only the
// memory tells which c an a leads to. Asked for an a, one hop finds its b; c is what the b leads to.
struct Recall {
  static constexpr std::int64_t chains = 6, tokens = 12, width = 24;  // tokens of each of the kinds a, b and c
  Tensor keys, values, query, answer;                                 // [B, 2·chains], [B, 2·chains], [B, 1], [B]

  static Recall draw(std::int64_t batch, Generator& generator) {
    Recall result{zeros({batch, 2 * chains}, DType::i64), zeros({batch, 2 * chains}, DType::i64),
                  zeros({batch, 1}, DType::i64), zeros({batch}, DType::i64)};
    const auto some = [&](std::int64_t first, std::int64_t of) {  // `of` numbers from first on, in random order
      std::vector<std::int64_t> all(to_size(of));
      for (std::int64_t i = 0; i < of; ++i) all[to_size(i)] = first + i;
      for (std::int64_t i = of - 1; i > 0; --i) std::swap(all[to_size(i)], all[to_size(generator.uniform_int(i + 1))]);
      return all;
    };
    for (std::int64_t row = 0; row < batch; ++row) {
      const auto a = some(0, tokens), b = some(tokens, tokens), c = some(2 * tokens, tokens),
                 slot = some(0, 2 * chains);
      std::int64_t *key = result.keys.mutable_data<std::int64_t>() + row * 2 * chains,
                   *value = result.values.mutable_data<std::int64_t>() + row * 2 * chains;
      for (std::size_t i = 0; i < to_size(chains); ++i) {
        key[slot[2 * i]] = a[i], value[slot[2 * i]] = b[i];
        key[slot[2 * i + 1]] = b[i], value[slot[2 * i + 1]] = c[i];
      }
      result.query.mutable_data<std::int64_t>()[row] = a[0];
      result.answer.mutable_data<std::int64_t>()[row] = c[0] - 2 * tokens;
    }
    return result;
  }
};

struct Reader {
  nn::Embedding embedding;
  MultiHopAttention<nn::ScaledDotScore> hops;
  nn::Linear output;

  Reader(std::int64_t count, Generator& generator)
      : embedding({.num_embeddings = 3 * Recall::tokens, .embedding_dim = Recall::width}, generator),
        hops({.hops = count}, generator),
        output({.in = Recall::width, .out = Recall::tokens}, generator) {}

  Variable forward(const Recall& given) const {
    const MultiHopOutput found = hops.forward({.query = embedding.forward(given.query),
                                               .key = embedding.forward(given.keys),
                                               .value = embedding.forward(given.values)});
    return output.forward(select(found.query, 1, 0));
  }

  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.embedding);
    visitor("hops", self.hops);
    visitor("output", self.output);
  }
};

double recall_accuracy(std::int64_t hops) {
  Generator generator(11);
  const Reader reader(hops, generator);
  nn::Adam adam(nn::named_parameters(reader), {.learning_rate = 0.01});
  for (std::int64_t step = 0; step < 400; ++step) {
    const Recall batch = Recall::draw(64, generator);
    adam.zero_grad();
    backward(cross_entropy(reader.forward(batch), batch.answer));
    adam.step();
  }
  const Recall unseen = Recall::draw(1000, generator);
  nn::Accuracy accuracy;
  accuracy.add(argmax(reader.forward(unseen).value(), -1), unseen.answer);
  return accuracy.value();
}

}  // namespace

TEST_CASE("two hops recall what one cannot", "[nn][attention]") {
  CHECK(recall_accuracy(2) >= 0.95);  // 1.000
  CHECK(recall_accuracy(1) <= 0.30);  // 0.158: any of the six c that are there
}
