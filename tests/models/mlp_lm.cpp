// The MLP language model: its formula written out, its special cases, and what it learns.
#include "heed/models/mlp_lm.h"

#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/ngram.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using models::MlpLm;

namespace {

MlpLm make(models::MlpLmConfig config) {
  config.dtype = DType::f64;
  Generator generator(1);
  return MlpLm(config, generator);
}

// b + W x + U tanh(d + H x) for one context, in plain loops; a parameter that is not there is zero.
std::vector<double> logits(const MlpLm& lm, const std::vector<std::int64_t>& context) {
  const models::MlpLmConfig& c = lm.config();
  const nn::StateDict state = nn::state_dict(lm);
  const auto at = [&](const std::string& name, std::int64_t i, std::int64_t j = -1) {
    const auto found = state.find(name);
    if (found == state.end()) return 0.0;
    const test::Array values = test::to_array(found->second);
    return j < 0 ? values[{i}] : values[{i, j}];
  };
  std::vector<double> x, hidden, result;
  for (const std::int64_t id : context)
    for (std::int64_t k = 0; k < c.embedding; ++k) x.push_back(at("embedding.weight", id, k));
  const auto product = [&](const std::string& name, std::int64_t row, const std::vector<double>& with) {
    double sum = 0;
    for (std::size_t j = 0; j < with.size(); ++j) sum += at(name, row, static_cast<std::int64_t>(j)) * with[j];
    return sum;
  };
  for (std::int64_t i = 0; i < c.hidden; ++i)
    hidden.push_back(std::tanh(at("hidden.bias", i) + product("hidden.weight", i, x)));
  for (std::int64_t v = 0; v < c.vocabulary; ++v)
    result.push_back(at("output.bias", v) + product("direct.weight", v, x) + product("output.weight", v, hidden));
  return result;
}

std::vector<std::string> names(const MlpLm& lm) {
  std::vector<std::string> all;
  for (const auto& [name, value] : nn::state_dict(lm)) all.push_back(name);
  return all;
}

}  // namespace

TEST_CASE("MLP language model: the paper's formula, context by context", "[models][mlp_lm]") {
  const Tensor ids = tensor({4, 0, 1, 2, 3, 3, 2, 1, 0, 4}, {2, 5}, DType::i64);
  for (const std::int64_t hidden : {0, 3})
    for (const bool direct : {true, false})
      for (const std::int64_t context : {1, 2, 5}) {
        if (hidden == 0 && !direct) continue;
        CAPTURE(hidden, direct, context);
        const MlpLm lm =
            make({.vocabulary = 5, .context = context, .embedding = 2, .hidden = hidden, .direct = direct});
        const Variable found = lm.forward(ids);
        REQUIRE(found.shape() == Shape{2, 6 - context, 5});
        for (std::int64_t b = 0; b < 2; ++b)
          for (std::int64_t t = 0; t < 6 - context; ++t) {
            const auto window = test::to_array(slice(select(ids, 0, b), 0, t, t + context)).numbers;
            test::Array wanted(Shape{5});
            wanted.numbers = logits(lm, {window.begin(), window.end()});
            CHECK(test::difference(select(select(found.value(), 0, b), 0, t), wanted, 100, 1) == "");
          }
      }
}

TEST_CASE("MLP language model: parameters by name and number", "[models][mlp_lm]") {
  const models::MlpLmConfig c{.vocabulary = 7, .context = 3, .embedding = 2, .hidden = 4};
  CHECK(names(make(c)) ==
        std::vector<std::string>{"embedding.weight", "hidden.bias", "hidden.weight", "output.bias", "output.weight"});
  CHECK(nn::parameter_count(make(c)) == 7 * 2 + 4 * 6 + 4 + 7 * 4 + 7);
  models::MlpLmConfig more = c;
  more.direct = true;
  CHECK(nn::parameter_count(make(more)) == nn::parameter_count(make(c)) + 7 * 6);
  more.hidden = 0;
  CHECK(names(make(more)) == std::vector<std::string>{"direct.weight", "embedding.weight", "output.bias"});
  // The makemore lecture's MLP of 12 thousand parameters, with one bias more (that one's is BatchNorm's).
  CHECK(nn::count_parameters<MlpLm>({.vocabulary = 27, .context = 3, .embedding = 10, .hidden = 200}) == 11'897);
  // Without H x, what is left does not depend on the context but through W.
  MlpLm bilinear = make({.vocabulary = 5, .context = 2, .embedding = 3, .hidden = 2});
  nn::StateDict state = nn::state_dict(bilinear);
  state.at("hidden.weight") = zeros({2, 6}, DType::f64);
  nn::load_state_dict(bilinear, state);
  const Tensor out = bilinear.forward(tensor({0, 1, 2, 3, 4}, {1, 5}, DType::i64)).value();
  for (std::int64_t t = 1; t < 4; ++t) CHECK(test::same_bits(select(out, 1, t).clone(), select(out, 1, 0).clone()));
}

TEST_CASE("MLP language model: gradcheck", "[models][mlp_lm]") {
  const Tensor ids = tensor({0, 3, 1, 1, 2, 3, 3, 0, 2, 1}, {2, 5}, DType::i64);
  const Tensor weights = tensor({1, 0.5, 0, 2, 1, 0}, {2, 3}, DType::f64);
  for (const std::int64_t hidden : {0, 3})
    CHECK(test::module_gradcheck(
              make({.vocabulary = 4, .context = 2, .embedding = 2, .hidden = hidden, .direct = true}), {},
              [&](const MlpLm& lm, std::span<const Variable>) { return lm.loss(ids, weights); }) == "");
}

TEST_CASE("MLP language model: the loss is that of the tokens with a context", "[models][mlp_lm]") {
  const MlpLm lm = make({.vocabulary = 4, .context = 2, .embedding = 3, .hidden = 5});
  const Tensor ids = tensor({0, 0, 1, 2, 3}, {1, 5}, DType::i64);  // two begin tokens, and "1 2 3"
  const Tensor logits = lm.forward(slice(ids, 1, 0, 4)).value();
  CHECK(logits.shape() == Shape{1, 3, 4});
  CHECK(lm.loss(ids).item() == cross_entropy(Variable(logits), slice(ids, 1, 2, 5)).item());
  // Padding is left out: whatever stands there.
  const Tensor padded = tensor({0, 0, 1, 2, 3, 0, 3, 1}, {1, 8}, DType::i64);
  const Tensor weights = tensor({1, 1, 1, 0, 0, 0}, {1, 6}, DType::f64);
  CHECK(std::abs(lm.loss(padded, weights).item() - lm.loss(ids).item()) < 1e-14);
}

TEST_CASE("MLP language model: what is refused", "[models][mlp_lm]") {
  const auto config = [](const models::MlpLmConfig& c) { return test::refused<ShapeError>([&] { make(c); }); };
  CHECK(config({.vocabulary = 0}) == "mlp_lm: vocabulary is 0, expected at least 1");
  CHECK(config({.vocabulary = 3, .context = 0}) == "mlp_lm: context is 0, expected at least 1");
  CHECK(config({.vocabulary = 3, .embedding = -1}) == "mlp_lm: embedding is -1, expected at least 1");
  CHECK(config({.vocabulary = 3, .hidden = -2}) == "mlp_lm: hidden is -2, expected at least 1");
  CHECK(config({.vocabulary = 3, .hidden = 0}) ==
        "mlp_lm: hidden is 0 and there are no direct connections: nothing would read the context");
  const std::int64_t large = std::int64_t{1} << 40;
  CHECK(config({.vocabulary = 3, .context = large, .embedding = large}) ==
        "mlp_lm: 1099511627776 tokens of context times embedding 1099511627776 are too many inputs");
  const MlpLm lm = make({.vocabulary = 4, .context = 2});
  CHECK(test::refused<ShapeError>([&] { lm.forward(zeros({2, 1}, DType::i64)); }) ==
        "mlp_lm: ids [2, 1], expected [B, 2 or more]");
  CHECK(test::refused<ShapeError>([&] { lm.loss(zeros({2, 2}, DType::i64)); }) ==
        "mlp_lm: ids [2, 2], expected [B, 3 or more]");
  CHECK_THROWS_AS(lm.forward(zeros({2}, DType::i64)), ShapeError);
  CHECK_THROWS_AS(lm.forward(zeros({2, 3})), DTypeError);
  CHECK_THROWS_AS(lm.forward(tensor({0, 4}, {1, 2}, DType::i64)), IndexError);
  CHECK_THROWS_AS(lm.forward(Tensor()), Error);
  CHECK(lm.forward(zeros({0, 4}, DType::i64)).shape() == Shape{0, 3, 4});
}

TEST_CASE("MLP language model: shares between words what an n-gram model cannot", "[models][mlp_lm]") {
  // x y is followed by x mod 3, whatever y is. Of the 81 pairs about half are shown: counting pairs says nothing of the
  // others.
  std::vector<std::int64_t> shown, hidden;
  for (std::int64_t x = 0; x < 9; ++x)
    for (std::int64_t y = 0; y < 9; ++y) {
      std::vector<std::int64_t>& to = (x / 3 + y / 3) % 2 ? hidden : shown;
      to.insert(to.end(), {x, y, x % 3});
    }
  const auto batch = [](const std::vector<std::int64_t>& triples) {
    Tensor ids = empty({static_cast<std::int64_t>(triples.size()) / 3, 3}, DType::i64);
    std::copy(triples.begin(), triples.end(), ids.mutable_data<std::int64_t>());
    return ids;
  };
  Generator generator(2);
  const MlpLm lm({.vocabulary = 9, .context = 2, .embedding = 4, .hidden = 16}, generator);
  nn::Adam adam(nn::parameters(lm), {.learning_rate = 0.02});
  double loss = 0;
  for (int step = 0; step < 400; ++step) {
    adam.zero_grad();
    const Variable l = lm.loss(batch(shown));
    loss = l.item();
    backward(l);
    adam.step();
  }
  const NoGrad no_gradients;
  models::Ngram counted({.vocabulary = 9, .order = 3, .delta = 0.1});
  for (std::size_t i = 0; i < shown.size(); i += 3) counted.fit(std::span(shown).subspan(i, 3));
  double nats = 0;
  for (std::size_t i = 0; i < hidden.size(); i += 3) nats += counted.evaluate(std::span(hidden).subspan(i, 3)).nats;
  CHECK(std::abs(3 * nats / static_cast<double>(hidden.size()) - std::log(9)) < 1e-12);
  CHECK(loss < 0.1);
  CHECK(lm.loss(batch(hidden)).item() < 0.5);
}
