// Co-attention: the three forms by their equations, masks of both sequences, gradients, and what they find that two
// sequences read apart do not.
#include "heed/nn/attention/co_attention.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/attention/pooling.h"
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/attention/score/general.h"
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
using nn::CoAttentionInput;
using nn::CoAttentionOutput;
using nn::ParallelCoAttention;
using Coarse = nn::CoarseCoAttention<nn::GeneralScore>;
using Alternating = nn::AlternatingCoAttention<nn::AdditiveScore>;

namespace {

constexpr std::int64_t B = 3, S = 4, U = 5, D1 = 3, D2 = 2, A = 4;

Coarse coarse() {
  Generator generator(1);
  return {
      {.first = {.query = D2, .key = D1, .dtype = DType::f64}, .second = {.query = D1, .key = D2, .dtype = DType::f64}},
      generator};
}

Alternating alternating() {
  Generator generator(1);
  const auto wide = nn::ParameterSource(generator).with(
      [](const nn::ParameterSpec& p, Generator& g) { return normal(g, p.shape, 0, 1, p.dtype); });
  return {{.first = {.query = D2, .key = D1, .hidden = A, .dtype = DType::f64},
           .second = {.query = D1, .key = D2, .hidden = A, .dtype = DType::f64}},
          wide};
}

ParallelCoAttention parallel() {
  Generator generator(1);
  return {{.first = D1, .second = D2, .hidden = A, .dtype = DType::f64}, generator};
}

template <class Use>
void each_form(const Use& use) {
  use(coarse());
  use(alternating());
  use(parallel());
}

// The second example has nothing in its first sequence, the third nothing in its second.
struct Given {
  Tensor first, second;
  Tensor first_mask = nn::length_mask(std::vector<std::int64_t>{3, 0, 4}, S),
         second_mask = nn::length_mask(std::vector<std::int64_t>{4, 2, 0}, U);

  explicit Given(std::uint64_t seed) {
    test::Numbers numbers(seed);
    first = numbers.uniform({B, S, D1});
    second = numbers.uniform({B, U, D2});
  }
  CoAttentionInput leaves() const { return {Variable(first, true), Variable(second, true), first_mask, second_mask}; }
};

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-13 / std::numeric_limits<double>::epsilon(), 1);
}

Variable all_of(const CoAttentionOutput& found) {
  return concat({reshape(found.first, {-1}), reshape(found.second, {-1}), reshape(found.first_weights, {-1}),
                 reshape(found.second_weights, {-1})},
                0);
}

}  // namespace

TEST_CASE("coarse co-attention asks each sequence by the mean of the other", "[nn][attention]") {
  const Coarse attention = coarse();
  const Given in(1);
  const CoAttentionOutput found = attention.forward({Variable(in.first), Variable(in.second), {}, in.second_mask});
  for (std::int64_t b = 0; b < B; ++b) {
    const auto of = [&](const Tensor& x) { return slice(x, 0, b, b + 1); };
    const std::int64_t length = b == 0 ? 4 : b == 1 ? 2 : 0;
    const Tensor known = slice(of(in.second), 1, 0, length);
    const Tensor query = length == 0 ? zeros({1, 1, D2}, DType::f64) : mean(known, 1, true);
    const auto first = attention.first.forward({.query = Variable(query), .key = Variable(of(in.first))});
    CHECK(far(of(found.first.value()), squeeze(first.context.value(), 1)) == "");
    CHECK(far(of(found.first_weights.value()), squeeze(first.weights.value(), 1)) == "");
    const auto second =
        attention.second.forward({.query = Variable(mean(of(in.first), 1, true)), .key = Variable(known)});
    CHECK(far(of(found.second.value()), squeeze(second.context.value(), 1)) == "");
    CHECK(far(slice(of(found.second_weights.value()), 1, 0, length), squeeze(second.weights.value(), 1)) == "");
  }
}

TEST_CASE("alternating co-attention reads first, second, first", "[nn][attention]") {
  const Alternating attention = alternating();
  const Given in(2);
  const CoAttentionOutput found = attention.forward({Variable(in.first), Variable(in.second), {}, {}});
  // Lu et al.'s H = tanh(W x + (W_g g)1ᵀ), a = softmax(wᵀH), with g = 0 at first
  const auto operation = [](const nn::AdditiveAttention& one, const Tensor& x, const Tensor& g) {
    const Variable h = tanh(linear(Variable(x), one.score.key_weight) + linear(Variable(g), one.score.query_weight));
    const Variable a = softmax(matmul(h, one.score.v), -1);
    return std::pair(sum(unsqueeze(a, 2) * Variable(x), 1, true).value(), a.value());
  };
  const Tensor glance = operation(attention.first, in.first, zeros({B, 1, D2}, DType::f64)).first;
  const auto second = operation(attention.second, in.second, glance);
  const auto first = operation(attention.first, in.first, second.first);
  CHECK(far(found.first.value(), squeeze(first.first, 1)) == "");
  CHECK(far(found.first_weights.value(), first.second) == "");
  CHECK(far(found.second.value(), squeeze(second.first, 1)) == "");
  CHECK(far(found.second_weights.value(), second.second) == "");
  const Variable zero(zeros({B, 1, D2}, DType::f64)), other(ones({B, 1, D2}, DType::f64));
  const CoAttentionInput plain{Variable(in.first), Variable(in.second), {}, {}};
  CHECK(test::same_bits(attention.forward(plain, zero).first.value(), found.first.value()));
  CHECK_FALSE(test::same_bits(attention.forward(plain, other).first.value(), found.first.value()));
}

TEST_CASE("parallel co-attention is its equations", "[nn][attention]") {
  const ParallelCoAttention attention = parallel();
  const Given in(3);
  const CoAttentionOutput found = attention.forward({Variable(in.first), Variable(in.second), {}, {}});
  const test::Array x = test::to_array(in.first), y = test::to_array(in.second),
                    W = test::to_array(attention.affinity.value()), W1 = test::to_array(attention.first.weight.value()),
                    W2 = test::to_array(attention.second.weight.value()),
                    v1 = test::to_array(attention.first_v.value()), v2 = test::to_array(attention.second_v.value());
  for (std::int64_t b = 0; b < B; ++b) {
    test::Array C({S, U}), h1({S, A}), h2({U, A});
    for (const test::Index& i : test::indices({S, U})) {
      double fit = 0;
      for (const test::Index& d : test::indices({D1, D2})) fit += x[{b, i[0], d[0]}] * W[d] * y[{b, i[1], d[1]}];
      C[i] = std::tanh(fit);
      CHECK(std::abs(test::to_array(found.affinity.value())[{b, i[0], i[1]}] - C[i]) < 1e-14);
    }
    for (const test::Index& i : test::indices({S, A}))
      for (std::int64_t d = 0; d < D1; ++d) h1[i] += W1[{i[1], d}] * x[{b, i[0], d}];
    for (const test::Index& i : test::indices({U, A}))
      for (std::int64_t d = 0; d < D2; ++d) h2[i] += W2[{i[1], d}] * y[{b, i[0], d}];
    std::vector<double> e1(S), e2(U);
    for (const test::Index& i : test::indices({S, A})) {
      double h = h1[i];
      for (std::int64_t u = 0; u < U; ++u) h += C[{i[0], u}] * h2[{u, i[1]}];
      e1[to_size(i[0])] += v1[{i[1]}] * std::tanh(h);
    }
    for (const test::Index& i : test::indices({U, A})) {
      double h = h2[i];
      for (std::int64_t s = 0; s < S; ++s) h += C[{s, i[0]}] * h1[{s, i[1]}];
      e2[to_size(i[0])] += v2[{i[1]}] * std::tanh(h);
    }
    double total1 = 0, total2 = 0;
    for (const double e : e1) total1 += std::exp(e);
    for (const double e : e2) total2 += std::exp(e);
    for (std::int64_t s = 0; s < S; ++s)
      CHECK(std::abs(test::to_array(found.first_weights.value())[{b, s}] - std::exp(e1[to_size(s)]) / total1) < 1e-14);
    for (std::int64_t u = 0; u < U; ++u)
      CHECK(std::abs(test::to_array(found.second_weights.value())[{b, u}] - std::exp(e2[to_size(u)]) / total2) < 1e-14);
  }
  CHECK(far(found.first.value(), squeeze(matmul(unsqueeze(found.first_weights.value(), 1), in.first), 1)) == "");
  CHECK(far(found.second.value(), squeeze(matmul(unsqueeze(found.second_weights.value(), 1), in.second), 1)) == "");
}

TEST_CASE("co-attention passes gradcheck", "[nn][attention]") {
  const Given in(4);
  each_form([&](const auto& attention) {
    for (const bool masked : {false, true}) {
      const auto run = [&](const auto& probe, std::span<const Variable> x) {
        return all_of(
            probe.forward({x[0], x[1], masked ? in.first_mask : Tensor(), masked ? in.second_mask : Tensor()}));
      };
      CHECK(test::module_gradcheck(attention, {in.first, in.second}, run) == "");
    }
  });
}

TEST_CASE("padding of neither sequence reaches anything, and nothing gives 0", "[nn][attention]") {
  each_form([](const auto& attention) {
    const auto run = [&](double garbage) {
      const Given given(5);
      const std::vector<std::int64_t> lengths1{3, 0, 4}, lengths2{4, 2, 0};
      for (std::int64_t b = 0; b < B; ++b) {
        Tensor beyond1 = slice(select(given.first, 0, b), 0, lengths1[to_size(b)], to_end),
               beyond2 = slice(select(given.second, 0, b), 0, lengths2[to_size(b)], to_end);
        fill(beyond1, garbage);
        fill(beyond2, garbage);
      }
      for (const Variable& parameter : nn::parameters(attention)) parameter.set_grad({});
      const CoAttentionInput in = given.leaves();
      const CoAttentionOutput found = attention.forward(in);
      const Variable all = all_of(found);
      test::Numbers numbers(6);
      backward(all, numbers.uniform(all.shape()));
      std::vector<Tensor> results{found.first.value(),          found.second.value(), found.first_weights.value(),
                                  found.second_weights.value(), in.first.grad(),      in.second.grad()};
      for (const Variable& parameter : nn::parameters(attention)) results.push_back(parameter.grad());
      return results;
    };
    const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
    for (const std::size_t i : {0u, 2u, 4u}) CHECK(norm(select(wanted[i], 0, 1)) == 0);
    for (const std::size_t i : {1u, 3u, 5u}) CHECK(norm(select(wanted[i], 0, 2)) == 0);
    CHECK(norm(slice(select(wanted[4], 0, 0), 0, 3, 4)) == 0);
  });
}

TEST_CASE("a batch of two sequences each equals them alone", "[nn][attention]") {
  const Given in(7);
  each_form([&](const auto& attention) {
    const CoAttentionOutput all = attention.forward(in.leaves());
    const Tensor first = slice(slice(in.first, 0, 0, 1), 1, 0, 3), second = slice(slice(in.second, 0, 0, 1), 1, 0, 4);
    const CoAttentionOutput one = attention.forward({Variable(first), Variable(second), {}, {}});
    CHECK(far(slice(all.first.value(), 0, 0, 1), one.first.value()) == "");
    CHECK(far(slice(all.second.value(), 0, 0, 1), one.second.value()) == "");
    CHECK(far(slice(slice(all.second_weights.value(), 0, 0, 1), 1, 0, 4), one.second_weights.value()) == "");
  });
}

TEST_CASE("co-attention refuses what does not fit", "[nn][attention]") {
  const Given in(8);
  const Variable first(in.first), second(in.second);
  each_form([&](const auto& attention) {
    const auto shape = [&](const CoAttentionInput& given) {
      return test::refused<ShapeError>([&] { attention.forward(given); });
    };
    CHECK(shape({first, slice(second, 0, 0, 2), {}, {}}).starts_with("co-attention: B differs"));
    CHECK(shape({first, second, in.second_mask, {}}).starts_with("co-attention: S differs"));
    CHECK(shape({first, second, {}, squeeze(in.second_mask, 1)}).starts_with("co-attention: second_mask has rank 2"));
    CHECK_THROWS_AS(attention.forward({second, first, {}, {}}), ShapeError);
    CHECK_THROWS_AS(attention.forward({first, Variable(zeros({B, U, D2})), {}, {}}), DTypeError);
  });
  CHECK(test::refused<ShapeError>([] {
          ParallelCoAttention({.first = 1, .second = 2}, nn::ParameterSource::zeros());
        }) == "parallel co-attention: hidden is 0, expected at least 1");
}

namespace {

// Two sequences of six different tokens with one token in common, in any order: which is it? Who reads one of them
// alone can only guess among its six.
struct Common {
  static constexpr std::int64_t length = 6, tokens = 24, width = 24;
  Tensor first, second, answer;

  static Common draw(std::int64_t batch, Generator& generator) {
    Common result{zeros({batch, length}, DType::i64), zeros({batch, length}, DType::i64), zeros({batch}, DType::i64)};
    std::vector<std::int64_t> all(tokens);
    for (std::int64_t i = 0; i < tokens; ++i) all[to_size(i)] = i;
    for (std::int64_t row = 0; row < batch; ++row) {
      for (std::int64_t i = tokens - 1; i > 0; --i)
        std::swap(all[to_size(i)], all[to_size(generator.uniform_int(i + 1))]);
      for (std::int64_t i = 0; i < length; ++i) {
        result.first.mutable_data<std::int64_t>()[row * length + i] = all[to_size(i)];
        result.second.mutable_data<std::int64_t>()[row * length + i] = all[to_size(length + i)];
      }
      const std::int64_t common = generator.uniform_int(length);
      result.answer.mutable_data<std::int64_t>()[row] = all[to_size(common)];
      result.second.mutable_data<std::int64_t>()[row * length + generator.uniform_int(length)] = all[to_size(common)];
    }
    return result;
  }
};

template <class Form>
struct Finder {
  nn::Embedding embedding;
  Form form;
  nn::Linear output;

  Finder(const typename Form::Config& config, Generator& generator)
      : embedding({.num_embeddings = Common::tokens, .embedding_dim = Common::width}, generator),
        form(config, generator),
        output({.in = Common::width, .out = Common::tokens}, generator) {}

  Variable forward(const Common& given) const {
    const Variable first = embedding.forward(given.first);
    if constexpr (std::is_same_v<Form, nn::AttentionPooling>)
      return output.forward(form.forward(first).context);
    else
      return output.forward(form.forward({first, embedding.forward(given.second), {}, {}}).first);
  }

  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.embedding);
    visitor("form", self.form);
    visitor("output", self.output);
  }
};

template <class Form>
double found_common(const typename Form::Config& config) {
  Generator generator(21);
  Finder<Form> finder(config, generator);
  finder.embedding.weight = nn::Parameter(finder.embedding.weight.value() * 0.3);
  nn::Adam adam(nn::named_parameters(finder), {.learning_rate = 0.01});
  for (std::int64_t step = 0; step < 400; ++step) {
    const Common batch = Common::draw(64, generator);
    adam.zero_grad();
    backward(cross_entropy(finder.forward(batch), batch.answer));
    adam.step();
  }
  const Common unseen = Common::draw(1000, generator);
  nn::Accuracy accuracy;
  accuracy.add(argmax(finder.forward(unseen).value(), -1), unseen.answer);
  return accuracy.value();
}

}  // namespace

TEST_CASE("co-attention finds what two sequences have in common", "[nn][attention]") {
  using AlternatingProducts = nn::AlternatingCoAttention<nn::GeneralScore>;  // a sum of q and k compares worse: 0.350
  constexpr std::int64_t D = Common::width;
  const Coarse::Config products{.first = {.query = D, .key = D}, .second = {.query = D, .key = D}};
  CHECK(found_common<ParallelCoAttention>({.first = D, .second = D, .hidden = D}) >= 0.95);  // 1.000
  CHECK(found_common<AlternatingProducts>(products) >= 0.95);                                // 0.997
  CHECK(found_common<Coarse>(products) >= 0.90);                                             // 0.959
  CHECK(found_common<nn::AttentionPooling>({.input = D, .hidden = D}) <= 0.30);              // 0.144
}
