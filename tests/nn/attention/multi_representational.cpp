// Multi-representational attention by its equations, masks, gradients, and what it tells apart that a mean does not.
#include "heed/nn/attention/multi_representational.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/embedding.h"
#include "heed/nn/mask.h"
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
using nn::MultiRepresentational;
using nn::MultiRepresentationalOutput;

namespace {

constexpr std::int64_t B = 2, S = 3, D = 4;
const std::vector<std::int64_t> widths{2, 5, 3};

MultiRepresentational make() {
  Generator generator(1);
  return {{.inputs = widths, .output = D, .dtype = DType::f64}, generator};
}

std::vector<Tensor> draw(std::uint64_t seed) {
  test::Numbers numbers(seed);
  std::vector<Tensor> x;
  for (const std::int64_t width : widths) x.push_back(numbers.uniform({B, S, width}));
  return x;
}

const Tensor mask = nn::length_mask(std::vector<std::int64_t>{2, 3}, S);

}  // namespace

TEST_CASE("representations of a token are weighed by what each of them says", "[nn][attention]") {
  const MultiRepresentational attention = make();
  const std::vector<Tensor> x = draw(1);
  const MultiRepresentationalOutput found = attention.forward({Variable(x[0]), Variable(x[1]), Variable(x[2])});
  const test::Array y = test::to_array(found.y.value()), weights = test::to_array(found.weights.value()),
                    a = test::to_array(attention.score.weight.value());
  const double c = test::to_array(attention.score.bias.value()).numbers[0];
  for (const test::Index& at : test::indices({B, S})) {
    std::vector<std::vector<double>> projected;
    std::vector<double> e;
    double total = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const test::Array P = test::to_array(attention.projections[i].weight.value()),
                        b = test::to_array(attention.projections[i].bias.value()), of = test::to_array(x[i]);
      std::vector<double> p(D);
      double score = c;
      for (std::int64_t d = 0; d < D; ++d) {
        p[to_size(d)] = b[{d}];
        for (std::int64_t k = 0; k < widths[i]; ++k) p[to_size(d)] += P[{d, k}] * of[{at[0], at[1], k}];
        score += a[{0, d}] * p[to_size(d)];
      }
      projected.push_back(p);
      e.push_back(std::exp(score));
      total += e.back();
    }
    for (std::int64_t i = 0; i < 3; ++i) CHECK(std::abs(weights[{at[0], at[1], i}] - e[to_size(i)] / total) < 1e-14);
    for (std::int64_t d = 0; d < D; ++d) {
      double wanted = 0;
      for (std::size_t i = 0; i < 3; ++i) wanted += e[i] / total * projected[i][to_size(d)];
      CHECK(std::abs(y[{at[0], at[1], d}] - wanted) < 1e-14);
    }
  }
}

TEST_CASE("multi-representational attention passes gradcheck", "[nn][attention]") {
  for (const Tensor& hidden : {Tensor(), mask})
    CHECK(test::module_gradcheck(make(), draw(2), [&](const MultiRepresentational& probe, std::span<const Variable> x) {
            const auto found = probe.forward({x.begin(), x.end()}, hidden);
            return concat({found.y, found.weights}, 2);
          }) == "");
}

TEST_CASE("a token that is none has no representation, whatever stands there", "[nn][attention]") {
  const MultiRepresentational attention = make();
  const auto run = [&](double garbage) {
    std::vector<Variable> x;
    for (const Tensor& one : draw(3)) {
      Tensor beyond = slice(select(one, 0, 0), 0, 2, 3);
      fill(beyond, garbage);
      x.emplace_back(one, true);
    }
    for (const Variable& parameter : nn::parameters(attention)) parameter.set_grad({});
    const MultiRepresentationalOutput found = attention.forward(x, mask);
    test::Numbers numbers(4);
    backward(concat({found.y, found.weights}, 2), numbers.uniform({B, S, D + 3}));
    std::vector<Tensor> all{found.y.value(), found.weights.value()};
    for (const Variable& one : x) all.push_back(one.grad());
    for (const Variable& parameter : nn::parameters(attention)) all.push_back(parameter.grad());
    return all;
  };
  const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  for (std::size_t i = 0; i < 5; ++i) CHECK(norm(select(select(wanted[i], 0, 0), 0, 2)) == 0);
}

TEST_CASE("multi-representational attention refuses what does not fit", "[nn][attention]") {
  const MultiRepresentational attention = make();
  const std::vector<Tensor> drawn = draw(5);
  const std::vector<Variable> x{Variable(drawn[0]), Variable(drawn[1]), Variable(drawn[2])};
  CHECK(test::refused<ShapeError>([&] { attention.forward({x[0], x[1]}); }) ==
        "multi-representational attention: 2 representations for 3");
  CHECK(test::refused<ShapeError>([&] {
          attention.forward({x[0], slice(x[1], 1, 0, 2), x[2]});
        }).starts_with("multi-representational attention: S differs"));
  CHECK_THROWS_AS(attention.forward({x[1], x[0], x[2]}), ShapeError);
  CHECK_THROWS_AS(attention.forward({x[0], x[1], Variable(zeros({B, S, 3}))}), DTypeError);
  CHECK(test::refused<ShapeError>([] { MultiRepresentational({.output = 2}, nn::ParameterSource::zeros()); }) ==
        "multi-representational attention: no input");
  CHECK(test::refused<ShapeError>([] {
          MultiRepresentational({.inputs = {3, 0}, .output = 2}, nn::ParameterSource::zeros());
        }) == "multi-representational attention: input is 0, expected at least 1");
  Generator generator(1);
  CHECK_THROWS_AS(MultiRepresentational({.inputs = {3, 0}, .output = 2}, generator), ShapeError);
  CHECK(generator.counter() == 0);  // nothing was drawn
}

namespace {

// A token in two representations, of which one is right and one of any other word; it shows in a mark which.
struct Doubtful {
  static constexpr std::int64_t words = 12, width = 16;
  Tensor first, second, first_mark, second_mark, answer;  // [B, 1] each, [B]

  static Doubtful draw(std::int64_t batch, Generator& generator) {
    Doubtful result;
    for (Tensor* x : {&result.first, &result.second, &result.first_mark, &result.second_mark})
      *x = zeros({batch, 1}, DType::i64);
    result.answer = zeros({batch}, DType::i64);
    for (std::int64_t row = 0; row < batch; ++row) {
      const std::int64_t word = generator.uniform_int(words), wrong = generator.uniform_int(words),
                         right = generator.uniform_int(2);
      (right == 0 ? result.first : result.second).mutable_data<std::int64_t>()[row] = word;
      (right == 0 ? result.second : result.first).mutable_data<std::int64_t>()[row] = wrong;
      (right == 0 ? result.first_mark : result.second_mark).mutable_data<std::int64_t>()[row] = 1;
      result.answer.mutable_data<std::int64_t>()[row] = word;
    }
    return result;
  }
};

struct Chooser {
  bool weighs;
  nn::Embedding first, second, mark;
  MultiRepresentational attention;
  nn::Linear output;

  Chooser(bool weighing, Generator& generator)
      : weighs(weighing),
        first({.num_embeddings = Doubtful::words, .embedding_dim = Doubtful::width}, generator),
        second({.num_embeddings = Doubtful::words, .embedding_dim = Doubtful::width}, generator),
        mark({.num_embeddings = 2, .embedding_dim = Doubtful::width}, generator),
        attention({.inputs = {2 * Doubtful::width, 2 * Doubtful::width}, .output = Doubtful::width}, generator),
        output({.in = Doubtful::width, .out = Doubtful::words}, generator) {}

  MultiRepresentationalOutput read(const Doubtful& in) const {
    return attention.forward({concat({first.forward(in.first), mark.forward(in.first_mark)}, 2),
                              concat({second.forward(in.second), mark.forward(in.second_mark)}, 2)});
  }
  Variable forward(const Doubtful& in) const {
    if (weighs) return output.forward(select(read(in).y, 1, 0));
    const Variable one = concat({first.forward(in.first), mark.forward(in.first_mark)}, 2),
                   two = concat({second.forward(in.second), mark.forward(in.second_mark)}, 2);
    const Variable mean = 0.5 * (attention.projections[0].forward(one) + attention.projections[1].forward(two));
    return output.forward(select(mean, 1, 0));
  }

  static void visit(auto& self, auto&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
    visitor("mark", self.mark);
    visitor("projections", self.attention.projections);
    if (self.weighs) visitor("score", self.attention.score);
    visitor("output", self.output);
  }
};

struct Measured {
  double accuracy, weight;  // the weight of the right one
};

Measured measure(bool weighs) {
  Generator generator(51);
  const Chooser chooser(weighs, generator);
  nn::Adam adam(nn::named_parameters(chooser), {.learning_rate = 1e-2});
  for (std::int64_t step = 0; step < 300; ++step) {
    const Doubtful batch = Doubtful::draw(64, generator);
    adam.zero_grad();
    backward(cross_entropy(chooser.forward(batch), batch.answer));
    adam.step();
  }
  const Doubtful unseen = Doubtful::draw(1000, generator);
  nn::Accuracy accuracy;
  accuracy.add(argmax(chooser.forward(unseen).value(), -1), unseen.answer);
  const test::Array weights = test::to_array(chooser.read(unseen).weights.value());
  double right = 0;
  for (std::int64_t row = 0; row < 1000; ++row)
    right += weights[{row, 0, select(unseen.second_mark, 0, row).item<std::int64_t>()}] / 1000;
  return {accuracy.value(), right};
}

}  // namespace

TEST_CASE("the representation that is right has the weight", "[nn][attention]") {
  const Measured weighed = measure(true), mean = measure(false);
  CAPTURE(weighed.accuracy, weighed.weight, mean.accuracy);
  CHECK(weighed.accuracy >= 0.95);
  CHECK(weighed.weight >= 0.9);
  CHECK(mean.accuracy <= 0.75);  // two words, and no telling which: 0.54
}
