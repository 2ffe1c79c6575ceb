// Weight tying: one parameter under two names is stepped, clipped and counted once, and saved under both.
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/module.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using heed::test::same_bits;

namespace {

struct Layer {
  static void visit(auto& self, auto&& visitor) { visitor("weight", self.weight); }
  nn::Parameter weight{tensor({3, 4}, {2})};
};

// One parameter that is listed twice.
struct Tied {
  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.embedding);
    visitor("output.weight", self.embedding.weight);
    visitor("bias", self.bias);
  }
  Layer embedding;
  nn::Parameter bias{zeros({1})};
};

// Two parameters that are bound to one leaf.
struct Rebound {
  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.embedding);
    visitor("output", self.output);
    visitor("bias", self.bias);
  }
  Rebound() { output.weight.rebind(embedding.weight); }
  Layer embedding, output;
  nn::Parameter bias{zeros({1})};
};

template <class Net>
void check_listed_once() {
  Net net;
  std::vector<std::string> names;
  nn::for_each_parameter(net, [&](const std::string& name, nn::Parameter&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"embedding.weight", "output.weight", "bias"});

  const std::vector<Variable> parameters = nn::parameters(net);
  REQUIRE(parameters.size() == 2);
  CHECK(parameters[0].node().get() == net.embedding.weight.node().get());
  CHECK(parameters[1].node().get() == net.bias.node().get());
  CHECK(nn::parameter_count(net) == 3);

  nn::Sgd sgd(parameters, {.learning_rate = 1});
  backward(sum(net.embedding.weight * net.embedding.weight));
  CHECK(nn::clip_grad_norm(parameters, 5) == 10);  // of (6, 8), once
  sgd.step();
  CHECK(same_bits(net.embedding.weight.value(), tensor({0, 0}, {2})));
}

// What loading `state` into a module of this kind says, which keeps its elements.
template <class Net>
std::string refusal(const nn::StateDict& state) {
  Net net;
  const std::string message = test::refused<FormatError>([&] { nn::load_state_dict(net, state); });
  CHECK(same_bits(net.embedding.weight.value(), tensor({3, 4}, {2})));
  CHECK(same_bits(net.bias.value(), zeros({1})));
  return message;
}

template <class Net>
void check_loading() {
  const Tensor bias = ones({1}), w = tensor({5, 6}, {2}), doubles = tensor({5, 6}, {2}, DType::f64);
  const auto loads = [&](const nn::StateDict& state) {
    Net net;
    const Variable leaf = net.embedding.weight;
    nn::load_state_dict(net, state);
    return same_bits(leaf.value(), w) && same_bits(net.bias.value(), bias) &&
           nn::parameters(net)[0].node().get() == leaf.node().get();
  };
  CHECK(loads({{"bias", bias}, {"embedding.weight", w}, {"output.weight", w}}));
  CHECK(loads({{"bias", bias}, {"embedding.weight", w}, {"output.weight", doubles}}));
  CHECK(loads({{"bias", bias}, {"embedding.weight", w}}));
  CHECK(loads({{"bias", bias}, {"output.weight", w}}));

  CHECK(refusal<Net>({{"bias", bias}, {"embedding.weight", w}, {"output.weight", tensor({5, 7}, {2})}}) ==
        "load_state_dict: embedding.weight and output.weight are one tensor f32 [2], the file has two that differ");
  CHECK(refusal<Net>({{"bias", bias}}) ==
        "load_state_dict: missing: [embedding.weight, output.weight], unexpected: []");
  CHECK(refusal<Net>({{"bias", bias}, {"embedding.weight", w}, {"output.weight", ones({3})}}) ==
        "load_state_dict: output.weight is f32 [2], the file has f32 [3]");
}

}  // namespace

TEST_CASE("a tied parameter has both names, and is stepped, clipped and counted once", "[nn][module]") {
  check_listed_once<Tied>();
  check_listed_once<Rebound>();
}

TEST_CASE("a tied parameter is loaded under both names or under one, and not from two that differ", "[nn][module]") {
  check_loading<Tied>();
  check_loading<Rebound>();
}

TEST_CASE("a module with a tied parameter goes through a file under both names", "[nn][module]") {
  Tied written;
  Tensor elements = written.embedding.weight.value();
  fill(elements, 7);
  const test::TemporaryFolder folder;
  write_safetensors(folder.path() / "net.safetensors", {nn::state_dict(written), {}});
  const TensorFile file = read_safetensors(folder.path() / "net.safetensors");
  CHECK(file.tensors.size() == 3);
  CHECK(same_bits(file.tensors.at("output.weight"), elements));
  Tied read;
  nn::load_state_dict(read, file.tensors);
  CHECK(same_bits(read.embedding.weight.value(), elements));
  CHECK_NOTHROW(nn::load_state_dict(read, nn::state_dict(read)));  // its own
}

TEST_CASE("a copy of a module that lists one parameter twice is tied too", "[nn][module]") {
  const Tied net;
  Tied copy = net;
  CHECK(nn::parameters(copy).size() == 2);
  CHECK(copy.embedding.weight.node().get() != net.embedding.weight.node().get());
  Tensor elements = copy.embedding.weight.value();
  fill(elements, 7);
  CHECK(same_bits(nn::state_dict(copy).at("output.weight"), elements));
  CHECK(same_bits(net.embedding.weight.value(), tensor({3, 4}, {2})));

  const Rebound bound;
  CHECK(nn::parameters(Rebound(bound)).size() == 3);  // two objects are two weights in a copy
}

TEST_CASE("parameters that are computed from one weight are not taken for it", "[nn][module]") {
  Rebound net;
  net.output.weight.rebind(net.embedding.weight * 2.0);
  CHECK(nn::parameters(net).size() == 3);
  net.output.weight.rebind(Variable(ones({2})));
  net.bias.rebind(Variable(ones({2})));
  CHECK(nn::parameters(net).size() == 3);
}

TEST_CASE("the gradient of a tied parameter is that of all its uses", "[nn][module]") {
  Tied net;
  net.embedding.weight.rebind(Variable(tensor({0.5, -1.5}, {2}, DType::f64), true));
  net.bias.rebind(Variable(tensor({2}, {1}, DType::f64), true));
  CHECK(test::module_gradcheck(net, {}, [](const Tied& m, std::span<const Variable>) {
          const Variable &in = m.embedding.weight, &out = m.embedding.weight;
          return sum(tanh(in * m.bias) * exp(out));
        }) == "");
}

TEST_CASE("a tied weight of 3 that is looked up and multiplied has the gradient 6 (T2)", "[nn][module]") {
  Generator generator(1);
  const nn::Embedding embedding({.num_embeddings = 1, .embedding_dim = 1, .dtype = DType::f64}, generator);
  Tensor weight = embedding.weight.value();
  fill(weight, 3);
  backward(sum(linear(embedding.forward(tensor({0}, {1}, DType::i64)), embedding.weight)));  // e·e
  CHECK(embedding.weight.grad().item() == 6);
}
