// The translating Transformer: teacher forcing, padded sources, translation from caches. Its numbers beside PyTorch's:
// tests/parity/transformer_models.cpp.
#include "heed/models/transformer.h"

#include <algorithm>
#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/no_grad.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/ops/softmax.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::SourceBatch;
using models::Transformer;

namespace {

constexpr std::int64_t S = 6, V = 9, begin_token = 1, end_token = 2;

models::TransformerConfig config() {
  return {.source_vocabulary = 8,
          .target_vocabulary = V,
          .embedding = 8,
          .heads = 2,
          .layers = 2,
          .feedforward = 12,
          .dropout = 0,
          .dtype = DType::f64};
}

Transformer make(bool positions = true) {
  Generator generator(4);
  models::TransformerConfig c = config();
  c.positions = positions;
  return {c, generator};
}

Tensor draw(const Shape& shape, std::int64_t low, std::int64_t high, std::uint64_t seed) {
  Generator generator(seed);
  Tensor ids = empty(shape, DType::i64);
  for (std::int64_t i = 0; i < ids.numel(); ++i)
    ids.mutable_data<std::int64_t>()[i] = low + generator.uniform_int(high - low);
  return ids;
}

SourceBatch sources() { return {draw({3, S}, 0, 8, 1), {6, 2, 4}}; }

// The most probable continuation, every token after reading the whole sentence again.
std::vector<std::int64_t> greedy(const Transformer& model, const SourceBatch& source, std::int64_t count) {
  const NoGrad no_grad;
  std::vector<std::int64_t> text{begin_token};
  while (std::ssize(text) <= count) {
    const Tensor logits =
        model.forward({.source = source, .target = tensor(text, {1, std::ssize(text)})}).logits.value();
    text.push_back(argmax(select(select(logits, 0, 0), 0, -1), 0).item<std::int64_t>());
    if (text.back() == end_token) break;
  }
  if (text.back() == end_token) text.pop_back();
  return {text.begin() + 1, text.end()};
}

double far(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }

}  // namespace

TEST_CASE("transformer: a batch equals its sentences alone, whatever stands in the padding", "[models][transformer]") {
  const Transformer model = make();
  const SourceBatch source = sources();
  const Tensor target = draw({3, 5}, 0, V, 2);
  const Tensor all = model.forward({.source = source, .target = target}).logits.value();
  for (std::int64_t b = 0; b < 3; ++b) {
    const std::int64_t length = source.lengths[static_cast<std::size_t>(b)];
    const SourceBatch alone{slice(slice(source.ids, 0, b, b + 1), 1, 0, length).contiguous(), {length}};
    const Tensor one = model.forward({.source = alone, .target = slice(target, 0, b, b + 1)}).logits.value();
    CHECK(far(slice(all, 0, b, b + 1), one) < 1e-12);
  }
}

TEST_CASE("transformer: a later target token changes no earlier logit, bit for bit", "[models][transformer]") {
  const Transformer model = make();
  const Tensor target = draw({3, 5}, 0, V, 2), other = concat({slice(target, 1, 0, 2), draw({3, 3}, 0, V, 3)}, 1);
  const Tensor a = model.forward({.source = sources(), .target = target}).logits.value(),
               b = model.forward({.source = sources(), .target = other}).logits.value();
  CHECK(test::same_bits(slice(a, 1, 0, 2), slice(b, 1, 0, 2)));
  CHECK_FALSE(test::same_bits(slice(a, 1, 2, 5), slice(b, 1, 2, 5)));
}

TEST_CASE("transformer: without positions the order of the source does not matter", "[models][transformer]") {
  const SourceBatch source{draw({1, S}, 0, 8, 5), {S}};
  const SourceBatch turned{slice(source.ids, 1, -1, to_end, -1).contiguous(), {S}};
  const Tensor target = draw({1, 4}, 0, V, 2);
  for (const bool positions : {false, true}) {
    const Transformer model = make(positions);
    const double change = far(model.forward({.source = source, .target = target}).logits.value(),
                              model.forward({.source = turned, .target = target}).logits.value());
    CHECK((change > 1e-3) == positions);
  }
}

TEST_CASE("transformer: weights of every layer, none of them on padding", "[models][transformer]") {
  const Transformer model = make();
  const auto found = model.forward({.source = sources(), .target = draw({3, 5}, 0, V, 2), .need_weights = true});
  REQUIRE(found.encoder.size() == 2);
  REQUIRE(found.decoder.size() == 2);
  CHECK(found.encoder[0].weights.shape() == Shape{3, 2, S, S});
  CHECK(found.decoder[1].self_weights.shape() == Shape{3, 2, 5, 5});
  CHECK(found.decoder[1].memory_weights.shape() == Shape{3, 2, 5, S});
  CHECK(max(slice(select(found.decoder[1].memory_weights.value(), 0, 1), 2, 2, S)).item() == 0);
}

TEST_CASE("transformer: greedy translation from caches equals reading everything again", "[models][transformer]") {
  const Transformer model = make();
  const SourceBatch source = sources();
  const auto found = model.translate(source, {.beam = 1, .max_length = 9});
  for (std::int64_t b = 0; b < 3; ++b) {
    const SourceBatch alone{slice(source.ids, 0, b, b + 1), {source.lengths[static_cast<std::size_t>(b)]}};
    CHECK(found[static_cast<std::size_t>(b)].tokens == greedy(model, alone, 9));
  }
}

TEST_CASE("transformer: a beam's probabilities are those of its tokens read at once", "[models][transformer]") {
  const Transformer model = make();
  const SourceBatch source = sources();
  const auto found = model.translate(source, {.beam = 4, .max_length = 6});
  const NoGrad no_grad;
  for (std::int64_t b = 0; b < 3; ++b) {
    const nn::Hypothesis& best = found[static_cast<std::size_t>(b)];
    std::vector<std::int64_t> text{begin_token}, wanted = best.tokens;
    text.insert(text.end(), best.tokens.begin(), best.tokens.end());
    if (best.ended)
      wanted.push_back(end_token);
    else
      text.pop_back();
    const SourceBatch alone{slice(source.ids, 0, b, b + 1), {source.lengths[static_cast<std::size_t>(b)]}};
    const auto read =
        model.forward({.source = alone, .target = tensor(text, {1, std::ssize(text)}), .need_weights = true});
    const Tensor log_p = log_softmax(select(read.logits.value(), 0, 0));
    double sum_of_logs = 0;
    for (std::size_t t = 0; t < wanted.size(); ++t)
      sum_of_logs += select(select(log_p, 0, static_cast<std::int64_t>(t)), 0, wanted[t]).item();
    CHECK(std::abs(best.log_probability - sum_of_logs) < 1e-10);
    REQUIRE(best.weights.size() == wanted.size());
    const Tensor weights = mean(select(read.decoder[1].memory_weights.value(), 0, 0), {0});  // [T, S]
    for (std::int64_t t = 0; t < weights.size(0); ++t)
      for (std::int64_t s = 0; s < S; ++s)
        CHECK(std::abs(best.weights[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] -
                       select(select(weights, 0, t), 0, s).item()) < 1e-6);
  }
}

TEST_CASE("transformer: learns to turn sequences round", "[models][transformer]") {
  Generator generator(1), examples(2);
  models::TransformerConfig c = config();
  c.embedding = 32, c.heads = 4, c.layers = 1, c.feedforward = 64, c.dtype = DType::f32;
  const Transformer model(c, generator);
  nn::Adam optimizer(nn::named_parameters(model), {.learning_rate = 3e-3});
  const auto batch = [&](std::int64_t size) {
    const Tensor digits = draw({size, 4}, 3, 8, examples.bits());
    const Tensor first = full({size, 1}, begin_token, DType::i64), turned = slice(digits, 1, -1, to_end, -1);
    return std::pair{SourceBatch{digits, std::vector<std::int64_t>(static_cast<std::size_t>(size), 4)},
                     std::pair{concat({first, slice(turned, 1, 0, 3)}, 1), turned.contiguous()}};
  };
  for (int step = 0; step < 250; ++step) {
    const auto [source, target] = batch(32);
    backward(cross_entropy(model.forward({.source = source, .target = target.first}).logits, target.second));
    optimizer.step();
    optimizer.zero_grad();
  }
  const auto [source, target] = batch(64);
  const Tensor said = argmax(model.forward({.source = source, .target = target.first}).logits.value(), 2);
  CHECK(mean(to(equal(said, target.second), DType::f64)).item() > 0.95);
}

TEST_CASE("transformer: refuses what does not fit", "[models][transformer]") {
  const Transformer model = make();
  const Tensor target = draw({3, 5}, 0, V, 2);
  CHECK_THROWS_AS(model.forward({.source = {sources().ids, {6, 2}}, .target = target}), ShapeError);
  CHECK_THROWS_AS(model.forward({.source = {sources().ids, {6, 2, 7}}, .target = target}), ShapeError);
  CHECK_THROWS_AS(model.forward({.source = sources(), .target = slice(target, 0, 0, 2)}), ShapeError);
  CHECK_THROWS_AS(model.forward({.source = sources(), .target = full({3, 5}, V, DType::i64)}), IndexError);
  CHECK_THROWS_AS(model.translate(sources(), {.max_length = -1}), IndexError);
  CHECK_THROWS_AS(model.translate(sources(), {.beam = 0}), IndexError);
  Generator generator(1);
  models::TransformerConfig wrong = config();
  wrong.heads = 3;
  CHECK_THROWS_AS(Transformer(wrong, generator), ShapeError);
}
