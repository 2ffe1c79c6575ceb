// Capsules: one attention a class, by its equations, the losses by hand, masks, gradients, and where each class looks.
#include "heed/nn/attention/class_capsules.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/gradcheck.h"
#include "heed/nn/embedding.h"
#include "heed/nn/masked_mean.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/train/accuracy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::ClassCapsules;
using nn::ClassCapsulesOutput;

namespace {

constexpr std::int64_t B = 3, S = 4, D = 3, C = 2;

ClassCapsules make() {
  Generator generator(1);
  ClassCapsules capsules({.input = D, .classes = C, .dtype = DType::f64}, generator);
  capsules.bias = nn::Parameter(tensor({0.3, -0.2}, {C}, DType::f64));
  return capsules;
}

Tensor draw(std::uint64_t seed) {
  test::Numbers numbers(seed);
  return numbers.uniform({B, S, D});
}

const Tensor mask = nn::length_mask(std::vector<std::int64_t>{3, 0, 4}, S), labels = tensor({1, 0, 0}, {B}, DType::i64);

}  // namespace

TEST_CASE("each class reads for itself", "[nn][attention]") {
  const ClassCapsules capsules = make();
  const Tensor input = draw(1);
  const ClassCapsulesOutput found = capsules.forward(Variable(input), mask);
  const test::Array x = test::to_array(input), q = test::to_array(capsules.query.value()),
                    w = test::to_array(capsules.weight.value()), b = test::to_array(capsules.bias.value()),
                    p = test::to_array(found.probabilities.value()), v = test::to_array(found.contexts.value()),
                    weights = test::to_array(found.weights.value()), r = test::to_array(found.reconstructions.value());
  const std::vector<std::int64_t> lengths{3, 0, 4};
  for (const test::Index& at : test::indices({B, C})) {
    const std::int64_t length = lengths[to_size(at[0])];
    std::vector<double> e(S, 0);
    double total = 0, fits = b[{at[1]}];
    for (std::int64_t s = 0; s < length; ++s) {
      double score = 0;
      for (std::int64_t d = 0; d < D; ++d) score += x[{at[0], s, d}] * q[{at[1], d}];
      total += e[to_size(s)] = std::exp(score);
    }
    for (std::int64_t s = 0; s < S; ++s)
      CHECK(std::abs(weights[{at[0], at[1], s}] - (length == 0 ? 0 : e[to_size(s)] / total)) < 1e-14);
    for (std::int64_t d = 0; d < D; ++d) {
      double read = 0;
      for (std::int64_t s = 0; s < length; ++s) read += e[to_size(s)] / total * x[{at[0], s, d}];
      CHECK(std::abs(v[{at[0], at[1], d}] - read) < 1e-14);
      fits += w[{at[1], d}] * read;
    }
    CHECK(std::abs(p[at] - 1 / (1 + std::exp(-fits))) < 1e-14);
    for (std::int64_t d = 0; d < D; ++d) CHECK(std::abs(r[{at[0], at[1], d}] - p[at] * v[{at[0], at[1], d}]) < 1e-14);
  }
  CHECK(test::same_bits(found.mean.value(), squeeze(nn::masked_mean(Variable(input), mask), 1).value()));
}

TEST_CASE("capsule_loss is the paper's two hinges", "[nn][attention]") {
  // Class 1 of two: 1 + 0.25 - 0.75, and 1 + 0.5·(2·1) - 1.5·(2·1) = -1, which the hinge makes 0; and the same example
  // as one of class 0: 1 - 0.25 + 0.75, and 1 - 1 + 3.
  const ClassCapsulesOutput found{.probabilities = Variable(tensor({0.25, 0.75, 0.25, 0.75}, {2, 2}, DType::f64)),
                                  .contexts = {},
                                  .weights = {},
                                  .reconstructions = Variable(tensor({0.5, 1.5, 0.5, 1.5}, {2, 2, 1}, DType::f64)),
                                  .mean = Variable(tensor({2, 2}, {2, 1}, DType::f64))};
  CHECK(nn::capsule_loss(found, tensor({1, 0}, {2}, DType::i64)).item() == (0.5 + 0 + 1.5 + 3) / 2);
  CHECK(test::refused<IndexError>([&] { nn::capsule_loss(found, tensor({1, 2}, {2}, DType::i64)); }) ==
        "capsule_loss: label 2 of example 1 is outside 0 to 1");
  CHECK_THROWS_AS(nn::capsule_loss(found, tensor({-1, 0}, {2}, DType::i64)), IndexError);
  CHECK_THROWS_AS(nn::capsule_loss(found, tensor({1}, {1}, DType::i64)), ShapeError);
}

TEST_CASE("capsules and their loss pass gradcheck", "[nn][attention]") {
  CHECK(test::module_gradcheck(make(), {draw(2)}, [&](const ClassCapsules& probe, std::span<const Variable> x) {
          const ClassCapsulesOutput found = probe.forward(x[0], mask);
          return concat({reshape(found.probabilities, {-1}), reshape(found.weights, {-1}),
                         reshape(found.reconstructions, {-1}), reshape(nn::capsule_loss(found, labels), {-1})},
                        0);
        }) == "");
}

TEST_CASE("capsules: padding reaches nothing", "[nn][attention]") {
  const ClassCapsules capsules = make();
  const auto run = [&](double garbage) {
    const Tensor input = draw(3);
    Tensor beyond[]{slice(select(input, 0, 0), 0, 3, 4), select(input, 0, 1)};
    for (Tensor& part : beyond) fill(part, garbage);
    for (const Variable& parameter : nn::parameters(capsules)) parameter.set_grad({});
    const Variable x(input, true);
    const ClassCapsulesOutput found = capsules.forward(x, mask);
    backward(nn::capsule_loss(found, labels));
    std::vector<Tensor> all{found.probabilities.value(), found.contexts.value(), found.weights.value(),
                            found.mean.value(), x.grad()};
    for (const Variable& parameter : nn::parameters(capsules)) all.push_back(parameter.grad());
    return all;
  };
  const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  for (const std::size_t i : {1u, 2u, 3u, 4u}) CHECK(norm(select(wanted[i], 0, 1)) == 0);
}

TEST_CASE("capsules refuse what does not fit", "[nn][attention]") {
  CHECK(test::refused<ShapeError>([] {
          make().forward(Variable(zeros({B, S, D + 1}, DType::f64)));
        }).starts_with("class capsules: D differs"));
  CHECK_THROWS_AS(make().forward(Variable(zeros({B, S, D}))), DTypeError);
  CHECK(test::refused<ShapeError>([] { ClassCapsules({.input = 2}, nn::ParameterSource::zeros()); }) ==
        "class capsules: classes is 0, expected at least 1");
}

namespace {

// Twelve tokens, one of which is a cue of one of four classes.
struct Cues {
  static constexpr std::int64_t classes = 4, length = 12, tokens = 24, width = 16;
  Tensor ids, place, label;  // [B, 12], [B], [B]

  static Cues draw(std::int64_t batch, Generator& generator) {
    Cues result{zeros({batch, length}, DType::i64), zeros({batch}, DType::i64), zeros({batch}, DType::i64)};
    for (std::int64_t row = 0; row < batch; ++row) {
      std::int64_t* id = result.ids.mutable_data<std::int64_t>() + row * length;
      for (std::int64_t i = 0; i < length; ++i) id[i] = classes + generator.uniform_int(tokens - classes);
      const std::int64_t place = generator.uniform_int(length), label = generator.uniform_int(classes);
      id[place] = label;
      result.place.mutable_data<std::int64_t>()[row] = place;
      result.label.mutable_data<std::int64_t>()[row] = label;
    }
    return result;
  }
};

struct Finder {
  nn::Embedding embedding;
  ClassCapsules capsules;

  explicit Finder(Generator& generator)
      : embedding({.num_embeddings = Cues::tokens, .embedding_dim = Cues::width}, generator),
        capsules({.input = Cues::width, .classes = Cues::classes}, generator) {}

  ClassCapsulesOutput forward(const Cues& in) const { return capsules.forward(embedding.forward(in.ids)); }

  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.embedding);
    visitor("capsules", self.capsules);
  }
};

}  // namespace

TEST_CASE("the capsule of the class looks at its cue", "[nn][attention]") {
  Generator generator(61);
  Finder finder(generator);
  finder.embedding.weight = nn::Parameter(finder.embedding.weight.value() * 0.3);
  nn::Adam adam(nn::named_parameters(finder), {.learning_rate = 1e-2});
  for (std::int64_t step = 0; step < 500; ++step) {
    const Cues batch = Cues::draw(64, generator);
    adam.zero_grad();
    backward(nn::capsule_loss(finder.forward(batch), batch.label));
    adam.step();
  }
  const Cues unseen = Cues::draw(1000, generator);
  const ClassCapsulesOutput found = finder.forward(unseen);
  nn::Accuracy accuracy;
  accuracy.add(argmax(found.probabilities.value(), -1), unseen.label);
  const test::Array weights = test::to_array(found.weights.value());
  double on_cue = 0;
  for (std::int64_t row = 0; row < 1000; ++row)
    on_cue += weights[{row, select(unseen.label, 0, row).item<std::int64_t>(),
                       select(unseen.place, 0, row).item<std::int64_t>()}] /
              1000;
  CAPTURE(accuracy.value(), on_cue);
  CHECK(accuracy.value() >= 0.95);
  CHECK(on_cue >= 0.8);
}
