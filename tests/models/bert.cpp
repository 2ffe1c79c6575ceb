// BERT: both sides are read, what is padding is not; it learns to fill in what depends on both sides. Its numbers
// beside PyTorch's: tests/parity/transformer_models.cpp.
#include "heed/models/bert.h"

#include <cmath>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/init.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::Bert;

namespace {

models::BertConfig config() {
  return {.vocabulary = 9,
          .positions = 6,
          .embedding = 8,
          .heads = 2,
          .layers = 2,
          .feedforward = 12,
          .dropout = 0,
          .dtype = DType::f64};
}

Bert make() {
  Generator generator(4);
  return {config(), generator};
}

double far(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }

// The token in the middle is (left + right) mod 4; what the model reads has token 8 there.
struct Cloze {
  Tensor ids, middle;
};

Cloze make_cloze(Generator& generator, std::int64_t size) {
  Cloze c{empty({size, 3}, DType::i64), empty({size}, DType::i64)};
  for (std::int64_t i = 0; i < size; ++i) {
    const std::int64_t left = generator.uniform_int(4), right = generator.uniform_int(4);
    std::int64_t* id = c.ids.mutable_data<std::int64_t>() + 3 * i;
    id[0] = left, id[1] = 8, id[2] = right;
    c.middle.mutable_data<std::int64_t>()[i] = (left + right) % 4;
  }
  return c;
}

double cloze_accuracy(bool causal) {
  Generator weights(1), examples(2);
  models::BertConfig c = config();
  c.embedding = 32, c.layers = 2, c.feedforward = 64, c.dtype = DType::f32;
  // Larger than BERT's first weights, which take thousands of steps.
  const Bert bert(c, nn::ParameterSource(weights).with([](const nn::ParameterSpec& p, Generator& generator) {
    return p.shape.rank() == 2 ? nn::xavier_uniform(generator, p.shape, 1, p.dtype) : Tensor();
  }));
  nn::Adam optimizer(nn::named_parameters(bert), {.learning_rate = 2e-3});
  const auto logits = [&](const Tensor& ids) {
    return bert.token_logits(select(bert.forward({.ids = ids, .causal = causal}).y, 1, 1));
  };
  for (int step = 0; step < 400; ++step) {
    const Cloze batch = make_cloze(examples, 32);
    backward(cross_entropy(logits(batch.ids), batch.middle));
    optimizer.step();
    optimizer.zero_grad();
  }
  const Cloze test = make_cloze(examples, 400);
  return mean(to(equal(argmax(logits(test.ids).value(), 1), test.middle), DType::f64)).item();
}

}  // namespace

TEST_CASE("bert: a token changes what stands before it, unless the model is causal", "[models][bert]") {
  const Bert bert = make();
  const Tensor ids = tensor({1, 2, 3, 4}, {1, 4}, DType::i64), other = tensor({1, 2, 3, 5}, {1, 4}, DType::i64);
  for (const bool causal : {false, true}) {
    const Tensor a = bert.forward({.ids = ids, .causal = causal}).y.value(),
                 b = bert.forward({.ids = other, .causal = causal}).y.value();
    CHECK(test::same_bits(slice(a, 1, 0, 3), slice(b, 1, 0, 3)) == causal);
  }
}

TEST_CASE("bert: a padded text equals the text alone", "[models][bert]") {
  const Bert bert = make();
  const Tensor alone = tensor({1, 2, 3}, {1, 3}, DType::i64), padded = tensor({1, 2, 3, 7, 7}, {1, 5}, DType::i64);
  const Tensor mask = nn::length_mask(std::vector<std::int64_t>{3}, 5);
  const Variable y = bert.forward({.ids = padded, .mask = mask}).y;
  const Variable wanted = bert.forward({.ids = alone}).y;
  CHECK(far(slice(y.value(), 1, 0, 3), wanted.value()) < 1e-12);
  CHECK(far(bert.next_sentence_logits(y).value(), bert.next_sentence_logits(wanted).value()) < 1e-12);
}

TEST_CASE("bert: segments and positions are told apart", "[models][bert]") {
  const Bert bert = make();
  const Tensor ids = tensor({1, 2, 2, 1}, {1, 4}, DType::i64), second = tensor({0, 0, 1, 1}, {1, 4}, DType::i64);
  const Tensor plain = bert.forward({.ids = ids}).y.value();
  CHECK(far(bert.forward({.ids = ids, .segments = second}).y.value(), plain) > 1e-3);
  CHECK(far(slice(plain, 1, 1, 2), slice(plain, 1, 2, 3)) > 1e-3);
  CHECK(test::same_bits(bert.forward({.ids = ids, .segments = zeros({1, 4}, DType::i64)}).y.value(), plain));
}

TEST_CASE("bert: fills in what depends on both sides, where a causal model cannot", "[models][bert]") {
  CHECK(cloze_accuracy(false) > 0.95);
  CHECK(cloze_accuracy(true) < 0.6);
}

TEST_CASE("bert: weights start from a normal distribution cut at two deviations", "[models][bert]") {
  Generator generator(1);
  models::BertConfig c = config();
  c.embedding = 64, c.feedforward = 256;
  const Bert bert(c, generator);
  const Tensor w = nn::state_dict(bert).at("encoder.layers.0.linear1.weight");
  CHECK(max(abs(w)).item() <= 0.04);
  CHECK(max(abs(w)).item() > 0.035);
  CHECK(std::abs(norm(w) / std::sqrt(static_cast<double>(w.numel())) - 0.0176) < 5e-4);
  CHECK(nn::state_dict(bert).contains("token_output.weight"));
}

TEST_CASE("bert: refuses what does not fit", "[models][bert]") {
  const Bert bert = make();
  CHECK_THROWS_AS(bert.forward({.ids = zeros({1, 7}, DType::i64)}), IndexError);  // six positions
  CHECK_THROWS_AS(bert.forward({.ids = full({1, 2}, 9, DType::i64)}), IndexError);
  CHECK_THROWS_AS(bert.forward({.ids = zeros({1, 2}, DType::i64), .segments = full({1, 2}, 2, DType::i64)}),
                  IndexError);
  CHECK_THROWS_AS(bert.forward({.ids = zeros({1, 2}, DType::i64), .segments = zeros({2, 2}, DType::i64)}), ShapeError);
  Generator generator(1);
  models::BertConfig wrong = config();
  wrong.heads = 3;
  CHECK_THROWS_AS(Bert(wrong, generator), ShapeError);
}
