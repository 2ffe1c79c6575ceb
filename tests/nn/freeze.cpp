// Frozen parameters: no gradient, no step, the same leaf afterwards.
#include "heed/nn/freeze.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/dump.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using test::same_bits;

namespace {

struct Net {
  nn::Linear first, last;

  explicit Net(Generator& generator)
      : first({.in = 3, .out = 4, .dtype = DType::f64}, generator),
        last({.in = 4, .out = 2, .dtype = DType::f64}, generator) {}

  Variable forward(const Variable& x) const { return last.forward(tanh(first.forward(x))); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("first", self.first);
    visitor("last", self.last);
  }
};

// A table that is listed twice, and one that is not.
struct Tables {
  nn::Embedding tied, single;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("tied", self.tied);
    visitor("output.weight", self.tied.weight);
    visitor("single", self.single);
  }
};

const Tensor x = test::Numbers(1).uniform({5, 3});

void train(const Net& net, nn::Optimizer& optimizer) {
  optimizer.zero_grad();
  const Variable y = net.forward(x);
  if (!y.requires_grad()) return optimizer.step();
  backward(sum(y * test::Numbers(2).uniform(y.shape())));
  optimizer.step();
}

}  // namespace

TEST_CASE("an optimizer leaves frozen parameters alone and goes on with them afterwards", "[nn][freeze]") {
  for (const bool frozen_before : {false, true}) {
    Generator generator(1);
    Net net(generator);
    if (frozen_before) nn::freeze(net.first);
    nn::Adam adam(nn::parameters(net), {.learning_rate = 0.1});  // before or after: it is given the same leaves
    if (!frozen_before) {
      train(net, adam);  // Adam has something to remember, and there is a gradient
      nn::freeze(net.first);
    }
    const Tensor weight = net.first.weight.value().clone(), other = net.last.weight.value().clone();
    for (int step = 0; step < 3; ++step) train(net, adam);
    CHECK(same_bits(net.first.weight.value(), weight));
    CHECK(!same_bits(net.last.weight.value(), other));
    nn::unfreeze(net.first);
    train(net, adam);
    CHECK(!same_bits(net.first.weight.value(), weight));
    CHECK(net.first.weight.grad().defined());
  }
}

TEST_CASE("nothing is recorded for what is frozen", "[nn][freeze]") {
  Generator generator(1);
  Net net(generator);
  nn::freeze(net.first);
  CHECK(net.first.weight.is_frozen());
  CHECK(!net.first.weight.requires_grad());
  CHECK(!net.first.forward(x).requires_grad());
  CHECK(net.forward(x).requires_grad());
  CHECK(dump(net.forward(x)).find("tanh") == std::string::npos);
  // An input in front of it still gets its gradient.
  const Variable input(x, true);
  CHECK(gradients(sum(net.forward(input)), {input})[0].shape() == x.shape());
  nn::freeze(net);
  nn::freeze(net);
  CHECK(!net.forward(x).requires_grad());
  nn::unfreeze(net);
  nn::unfreeze(net);
  CHECK(net.forward(x).requires_grad());
}

TEST_CASE("a frozen module lists, saves and loads its parameters as ever", "[nn][freeze]") {
  Generator generator(1);
  Net net(generator), other(generator);
  const auto before = nn::parameters(net);
  const std::int64_t count = nn::parameter_count(net);
  nn::freeze(net);
  const auto frozen = nn::parameters(net);
  REQUIRE(frozen.size() == before.size());
  for (std::size_t i = 0; i < frozen.size(); ++i) CHECK(frozen[i].node().get() == before[i].node().get());
  CHECK(nn::parameter_count(net) == count);
  nn::load_state_dict(net, nn::state_dict(other));
  CHECK(same_bits(net.last.bias.value(), other.last.bias.value()));
  CHECK(same_bits(before[3].value(), other.last.bias.value()));  // the leaf has the loaded numbers
  CHECK(nn::state_dict(net).size() == 4);
  net = other;
  CHECK(net.first.weight.is_frozen());
}

TEST_CASE("a copy of a frozen module is frozen by itself, a moved one takes its leaves along", "[nn][freeze]") {
  Generator generator(1);
  Net net(generator);
  const Variable leaf = net.first.weight;
  nn::freeze(net);
  Net copy = net;
  CHECK(copy.first.weight.is_frozen());
  nn::unfreeze(copy);
  CHECK(net.first.weight.is_frozen());
  CHECK(copy.first.weight.node().get() != leaf.node().get());
  Net moved = std::move(net);
  CHECK(moved.first.weight.is_frozen());
  nn::unfreeze(moved);
  CHECK(moved.first.weight.node().get() == leaf.node().get());
  net = moved;  // one that has been moved from becomes a copy
  CHECK(net.first.weight.requires_grad());
  nn::freeze(moved);
  Net taken(std::move(net));
  net = moved;
  CHECK(net.first.weight.is_frozen());
}

TEST_CASE("one parameter is frozen by itself; what is no leaf stays as it is", "[nn][freeze]") {
  Generator generator(1);
  Net net(generator);
  net.first.bias.freeze();
  backward(sum(net.forward(x)));
  CHECK(net.first.weight.grad().defined());
  CHECK(!net.first.bias.handle().grad().defined());
  const Variable w(ones({2, 4}, DType::f64), true);
  net.last.weight.rebind(w * 2.0);
  nn::freeze(net.last);
  CHECK(net.last.weight.requires_grad());
  CHECK(!net.last.bias.requires_grad());
  net.last.bias.rebind({});
  CHECK(!net.last.bias.is_frozen());
}

TEST_CASE("a frozen embedding loads its padding row as one that is not frozen", "[nn][freeze][embedding]") {
  Generator generator(1);
  const nn::Embedding::Config config{.num_embeddings = 2, .embedding_dim = 1, .padding_idx = 0};
  Tables tables{nn::Embedding(config, generator), nn::Embedding(config, generator)};
  nn::freeze(tables);
  nn::load_state_dict(tables, {{"tied.weight", ones({2, 1})}, {"single.weight", ones({2, 1})}});
  CHECK(test::to_array(tables.tied.weight.value()).numbers == std::vector<double>{1, 1});  // as it was saved
  CHECK(test::to_array(tables.single.weight.value()).numbers == std::vector<double>{0, 1});
}
