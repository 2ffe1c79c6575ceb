// Embedding with a padding index (trap D8): whatever draws, trains or loads the table, the padding row stays 0.
#include "heed/nn/embedding.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/init.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/adadelta.h"
#include "heed/nn/optim/adagrad.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/rms_prop.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::to_array;

namespace {

std::vector<double> row(const Tensor& table, std::int64_t index) { return to_array(select(table, 0, index)).numbers; }

const std::vector<double> zero(3, 0.0);

Tensor ids(std::initializer_list<double> numbers) {
  return tensor(numbers, {static_cast<std::int64_t>(numbers.size())}, DType::i64);
}

nn::Embedding padded(const nn::ParameterSource& source, std::int64_t padding = 1) {
  return nn::Embedding({.num_embeddings = 4, .embedding_dim = 3, .padding_idx = padding, .dtype = DType::f64}, source);
}

// A language model whose output layer is its embedding.
struct Tied {
  nn::Embedding embedding;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("output.weight", self.embedding.weight);
  }
};

struct Holder {
  nn::ModuleList<nn::Embedding> parts;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("parts", self.parts);
  }
};

}  // namespace

TEST_CASE("the padding row starts as zeros whatever draws the table", "[nn][embedding]") {
  Generator generator(1);
  CHECK(row(padded(generator).weight.value(), 1) == zero);
  CHECK(row(padded(generator, -1).weight.value(), 3) == zero);
  CHECK(row(padded(generator, -4).weight.value(), 0) == zero);
  for (std::int64_t other : {0, 2, 3}) CHECK(row(padded(generator).weight.value(), other) != zero);
  const Tensor own = ones({4, 3}, DType::f64);
  const std::vector<nn::Initialiser> initialisers{
      [](const nn::ParameterSpec& p, Generator& g) { return nn::xavier_uniform(g, p.shape, 1, p.dtype); },
      [](const nn::ParameterSpec& p, Generator& g) { return nn::orthogonal(g, p.shape, 1, p.dtype); },
      [&](const nn::ParameterSpec&, Generator&) { return own; }};
  for (const auto& initialiser : initialisers) {
    const nn::Embedding embedding = padded(nn::ParameterSource(generator).with(initialiser));
    CHECK(row(embedding.weight.value(), 1) == zero);
    CHECK(row(embedding.weight.value(), 0) != zero);
  }
  CHECK(row(own, 1) != zero);  // a rule's own tensor stays as it is
  CHECK(nn::count_parameters<nn::Embedding>({.num_embeddings = 4, .embedding_dim = 3, .padding_idx = 0}) == 12);
}

TEST_CASE("the padding row gets no gradient and no optimizer moves it", "[nn][embedding]") {
  Generator generator(2);
  const auto train = [&](auto make) {
    nn::Embedding embedding = padded(generator);
    auto optimizer = make(nn::parameters(embedding));
    const std::vector<double> before = row(embedding.weight.value(), 0);
    for (int step = 0; step < 5; ++step) {
      optimizer.zero_grad();
      const Variable y = embedding.forward(ids({0, 1, -3, 1, 2}));  // -3 is 1 too
      backward(sum(y * normal(generator, {5, 3}, 0, 1, DType::f64)));
      CHECK(row(embedding.weight.grad(), 1) == zero);
      CHECK(row(embedding.weight.grad(), 0) != zero);
      optimizer.step();
      CHECK(row(embedding.weight.value(), 1) == zero);
    }
    CHECK(row(embedding.weight.value(), 0) != before);
  };
  train([](std::vector<Variable> p) { return nn::Adam(std::move(p), {.learning_rate = 0.1}); });
  train([](std::vector<Variable> p) { return nn::AdamW(std::move(p), {.learning_rate = 0.1, .weight_decay = 0.5}); });
  train([](std::vector<Variable> p) { return nn::Adadelta(std::move(p), {.weight_decay = 0.5}); });
  train([](std::vector<Variable> p) { return nn::Adagrad(std::move(p), {.weight_decay = 0.5}); });
  train([](std::vector<Variable> p) {
    return nn::RmsProp(std::move(p), {.momentum = 0.9, .weight_decay = 0.5, .centered = true});
  });
  train([](std::vector<Variable> p) { return nn::Sgd(std::move(p), {.learning_rate = 0.1, .momentum = 0.9}); });
}

TEST_CASE("a table drawn by any rule, loaded and trained with decay keeps its padding row (trap D8)",
          "[nn][embedding]") {
  Generator generator(7);
  const std::vector<nn::Initialiser> initialisers{
      [](const nn::ParameterSpec& p, Generator& g) { return nn::xavier_uniform(g, p.shape, 1, p.dtype); },
      [](const nn::ParameterSpec& p, Generator& g) { return normal(g, p.shape, 0, 1, p.dtype); },
      [](const nn::ParameterSpec& p, Generator&) { return ones(p.shape, p.dtype); }};
  for (const auto& initialiser : initialisers)
    for (const bool loads : {false, true}) {
      nn::Embedding embedding = padded(nn::ParameterSource(generator).with(initialiser));
      if (loads) nn::load_state_dict(embedding, {{"weight", full({4, 3}, 2, DType::f64)}});
      nn::AdamW optimizer(nn::named_parameters(embedding), {.learning_rate = 0.1, .weight_decay = 0.5});
      for (int step = 0; step < 5; ++step) {
        optimizer.zero_grad();
        backward(sum(embedding.forward(ids({0, 1, -3, 2})) * normal(generator, {4, 3}, 0, 1, DType::f64)));
        optimizer.step();
        CHECK(row(embedding.weight.value(), 1) == zero);
      }
      CHECK(row(embedding.weight.value(), 3) != zero);
    }
}

TEST_CASE("the padding row lets no NaN of the incoming gradient in", "[nn][embedding]") {
  Generator generator(3);
  const nn::Embedding embedding = padded(generator);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Variable y = embedding.forward(ids({1, 2}));
  const Tensor dy = tensor({nan, nan, nan, 1, 2, 3}, {2, 3}, DType::f64);
  const Tensor gradient = gradients(y, {embedding.weight}, dy)[0];
  CHECK(row(gradient, 1) == zero);
  CHECK(row(gradient, 2) == std::vector<double>{1, 2, 3});
}

TEST_CASE("a loaded table leaves the padding row zeros", "[nn][embedding]") {
  Generator generator(4);
  nn::Embedding embedding = padded(generator);
  nn::load_state_dict(embedding, {{"weight", ones({4, 3})}});
  CHECK(row(embedding.weight.value(), 1) == zero);
  for (std::int64_t other : {0, 2, 3}) CHECK(row(embedding.weight.value(), other) == std::vector<double>(3, 1.0));

  nn::ModuleList<nn::Embedding> list;
  list.push_back(std::move(embedding));
  Holder holder{std::move(list)};
  nn::load_state_dict(holder, {{"parts.0.weight", full({4, 3}, 2, DType::f64)}});
  CHECK(row(holder.parts[0].weight.value(), 1) == zero);

  // Written by hand the row has numbers, and no influence.
  Tensor table = holder.parts[0].weight.value();
  fill(table, 5);
  CHECK(to_array(holder.parts[0].forward(ids({1, 0})).value()).numbers == std::vector<double>{0, 0, 0, 5, 5, 5});
}

TEST_CASE("a tied table's padding row is trained by its other use, and kept in a file", "[nn][embedding]") {
  Generator generator(5);
  Tied model{padded(generator)};
  const Variable y = matmul(model.embedding.forward(ids({0, 1})), mT(model.embedding.weight));  // logits [2, 4]
  backward(sum(y * normal(generator, {2, 4}, 0, 1, DType::f64)));
  CHECK(row(model.embedding.weight.grad(), 1) != zero);
  nn::Sgd(nn::parameters(model), {.learning_rate = 0.1}).step();
  const std::vector<double> trained = row(model.embedding.weight.value(), 1);
  CHECK(trained != zero);
  CHECK(row(model.embedding.forward(ids({1})).value(), 0) == zero);

  Tied loaded{padded(generator)};
  nn::load_state_dict(loaded, nn::state_dict(model));
  CHECK(row(loaded.embedding.weight.value(), 1) == trained);
}

TEST_CASE("a padding index outside the table is refused", "[nn][embedding]") {
  Generator generator(6);
  for (std::int64_t index : {4, -5})
    CHECK(test::refused<IndexError>([&] { padded(generator, index); }) ==
          "embedding: padding_idx " + std::to_string(index) + " is outside 4 embeddings");
}

TEST_CASE("a const module is loaded into, its padding row too; one without a weight is left alone", "[nn][embedding]") {
  Generator generator(3);
  const nn::Linear linear({.in = 2, .out = 2}, generator);
  nn::load_state_dict(linear, nn::state_dict(linear));
  const nn::Embedding embedding({.num_embeddings = 3, .embedding_dim = 2, .padding_idx = 1}, generator);
  nn::StateDict state = nn::state_dict(embedding);
  for (auto& [name, numbers] : state) numbers = ones({3, 2});
  nn::load_state_dict(embedding, state);
  CHECK(to_array(embedding.weight.value()).numbers == std::vector<double>{1, 1, 0, 0, 1, 1});
  nn::Embedding moved({.num_embeddings = 3, .embedding_dim = 2, .padding_idx = 1}, generator);
  const nn::Embedding taken = std::move(moved);
  CHECK_NOTHROW(nn::load_state_dict(moved, {}));
}
