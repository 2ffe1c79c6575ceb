// What one visit() gives a module: names, state dicts, copies that are independent.
#include "heed/nn/module.h"

#include <algorithm>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/untracked.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/sgd.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using heed::test::same_bits;

namespace {

struct Block {
  Block(bool bias, DType dtype, Generator& generator)
      : layer({.in = 3, .out = 3, .bias = bias, .dtype = dtype}, generator),
        scale(ones({}, dtype)),
        steps(zeros({2}, DType::i64)) {}

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("scale", self.scale);
    visitor("layer", self.layer);
    visitor("steps", self.steps);
    visitor("absent", self.absent);
  }

  nn::Linear layer;
  nn::Parameter scale;
  nn::Buffer steps, absent;
};

struct Net {
  explicit Net(std::uint64_t seed, DType dtype = DType::f32) : Net(Generator(seed), dtype) {}
  Net(Generator generator, DType dtype)
      : embedding({.num_embeddings = 5, .embedding_dim = 3, .dtype = dtype}, generator) {
    blocks.emplace_back(true, dtype, generator);
    blocks.emplace_back(false, dtype, generator);
  }

  Variable forward(const Tensor& ids) const {
    return blocks[1].layer.forward(blocks[0].layer.forward(embedding.forward(ids)));
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("blocks", self.blocks);
  }

  nn::Embedding embedding;
  nn::ModuleList<Block> blocks;
};

const Tensor ids = arange(5);

std::vector<std::size_t> fingerprints(const Net& net) {
  std::vector<std::size_t> result;
  for (const auto& [name, tensor] : nn::state_dict(net)) result.push_back(test::fingerprint(tensor));
  return result;
}

// What load_state_dict says of `state`; checks that the module keeps every byte and version.
std::string refusal(Net& net, const nn::StateDict& state) {
  const auto before = fingerprints(net);
  const std::string message = test::message_of<FormatError>([&] { nn::load_state_dict(net, state); });
  CHECK(fingerprints(net) == before);
  return message;
}

nn::StateDict cloned_state(const Net& net) {
  nn::StateDict state = nn::state_dict(net);
  for (auto& [name, tensor] : state) tensor = tensor.clone();
  return state;
}

struct Forgetful {
  static void visit(auto& self, auto&& visitor) { visitor("weight", self.weight); }
  nn::Parameter weight{ones({2})}, forgotten{ones({3})};
};

struct Repeats {
  nn::Parameter first{ones({2})}, second{expand(zeros({1}), {2})};
  static void visit(auto& self, auto&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
  }
};

struct Plain {
  nn::Parameter first{zeros({2})}, second{zeros({2})};
  static void visit(auto& self, auto&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
  }
};

struct SameName {
  nn::Parameter weight = nn::Parameter(zeros({2}));
  nn::Buffer buffer{zeros({3})};

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("weight", self.buffer);
  }
};

}  // namespace

TEST_CASE("for_each_parameter and for_each_buffer give names in the order of visit and leave out what is undefined",
          "[nn][module]") {
  const std::vector<std::string> wanted{"embedding.weight",    "blocks.0.scale", "blocks.0.layer.weight",
                                        "blocks.0.layer.bias", "blocks.1.scale", "blocks.1.layer.weight"},
      wanted_buffers{"blocks.0.steps", "blocks.1.steps"};
  std::vector<std::string> names, buffers;
  Net net(1);
  nn::for_each_parameter(net, [&](const std::string& name, nn::Parameter&) { names.push_back(name); });
  nn::for_each_buffer(net, [&](const std::string& name, Tensor&) { buffers.push_back(name); });
  CHECK(names == wanted);
  CHECK(buffers == wanted_buffers);

  names.clear();
  buffers.clear();
  const Net& constant = net;
  nn::for_each_parameter(constant, [&](const std::string& name, auto& parameter) {
    static_assert(std::is_same_v<decltype(parameter), const nn::Parameter&>);
    names.push_back(name);
  });
  nn::for_each_buffer(constant, [&](const std::string& name, auto& buffer) {
    static_assert(std::is_same_v<decltype(buffer), const nn::Buffer&>);
    buffers.push_back(name);
  });
  CHECK(names == wanted);
  CHECK(buffers == wanted_buffers);

  const std::vector<Variable> parameters = nn::parameters(net);
  REQUIRE(parameters.size() == 6);
  CHECK(parameters[0].node().get() == net.embedding.weight.node().get());
  CHECK(parameters[5].node().get() == net.blocks[1].layer.weight.node().get());
  CHECK(nn::parameter_count(net) == 15 + 1 + 12 + 1 + 9);
}

TEST_CASE("a copied module has the same values and is independent", "[nn][module]") {
  Net net(1);
  net.embedding.weight.set_grad(ones({5, 3}));
  const Tensor before = net.forward(ids).value();
  const auto check_independent = [&](Net& copy) {
    CHECK(same_bits(copy.forward(ids).value(), before));
    const std::vector<Variable> mine = nn::parameters(net), others = nn::parameters(copy);
    REQUIRE(mine.size() == others.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      CHECK(others[i].is_leaf());
      CHECK(others[i].node().get() != mine[i].node().get());
      CHECK(others[i].value().storage().get() != mine[i].value().storage().get());
      CHECK(!others[i].grad().defined());
      Tensor numbers = others[i].value();
      fill(numbers, 7);
    }
    CHECK(same_bits(net.forward(ids).value(), before));
    CHECK(!same_bits(copy.forward(ids).value(), before));
    nn::StateDict counts = cloned_state(copy);
    fill(counts.at("blocks.1.steps"), 8);
    nn::load_state_dict(copy, counts);
    CHECK(copy.blocks[1].steps.data<std::int64_t>()[0] == 8);
    CHECK(net.blocks[1].steps.data<std::int64_t>()[0] == 0);
  };
  SECTION("constructed") {
    Net copy = net;
    check_independent(copy);
  }
  SECTION("assigned") {
    Net copy(2);
    copy = net;
    check_independent(copy);
  }
}

TEST_CASE("handles to parameters stay valid when the module moves", "[nn][module]") {
  const auto same_leaves = [](const Net& net, const std::vector<Variable>& handles) {
    const std::vector<Variable> now = nn::parameters(net);
    return std::equal(now.begin(), now.end(), handles.begin(), handles.end(), [](const auto& a, const auto& b) {
      return a.node().get() == b.node().get() && a.value().storage().get() == b.value().storage().get();
    });
  };
  Net net(1);
  const std::vector<Variable> handles = nn::parameters(net);
  Net moved = std::move(net);
  CHECK(same_leaves(moved, handles));
  Net other(2);
  std::swap(moved, other);
  CHECK(same_leaves(other, handles));

  std::vector<Net> nets;
  nets.push_back(std::move(other));
  nets.emplace_back(3);  // the vector moves its elements to larger memory
  nets.emplace_back(4);
  CHECK(same_leaves(nets[0], handles));
}

TEST_CASE("assigning a module keeps its parameters, so that its optimizer goes on training it", "[nn][module]") {
  const bool moves = GENERATE(false, true);
  Net net(1), best(2);
  const std::vector<Variable> handles = nn::parameters(net);
  const Tensor steps = net.blocks[0].steps;
  fill(best.blocks[0].steps, 7);
  nn::Sgd sgd(handles, {.learning_rate = 0.1});
  const auto loss = [&](const Net& of) {
    const Variable y = of.forward(ids);
    return sum(y * y);
  };
  const Variable stale = loss(net);
  const double start = loss(best).item();
  moves ? net = std::move(best) : net = best;
  CHECK(loss(net).item() == start);
  CHECK(steps.data<std::int64_t>()[1] == 7);
  CHECK_THROWS_AS(backward(stale), GradError);
  sgd.zero_grad();
  backward(loss(net));
  sgd.step();
  CHECK(loss(net).item() < start);
  const std::vector<Variable> now = nn::parameters(net);
  for (std::size_t i = 0; i < handles.size(); ++i) CHECK(now[i].node().get() == handles[i].node().get());
  CHECK_THROWS_AS(net = Net(3, DType::f64), DTypeError);
}

TEST_CASE("a layer without bias takes none from another, but by exchange", "[nn][module]") {
  Generator generator(1);
  nn::Linear plain({.in = 2, .out = 2, .bias = false}, generator), biased({.in = 2, .out = 2}, generator);
  const std::vector<Variable> trained = nn::parameters(plain);
  CHECK(test::refused<ShapeError>([&] { plain = biased; }) == "parameter: one of shape [2] is assigned to none");
  CHECK(test::refused<ShapeError>([&] { plain = nn::Linear({.in = 2, .out = 2}, generator); }) ==
        "parameter: one of shape [2] is assigned to none");
  CHECK(!plain.bias.defined());
  CHECK(test::refused<ShapeError>([&] { biased = plain; }) == "parameter: nothing is assigned to one of shape [2]");
  std::swap(plain, biased);
  CHECK(plain.bias.defined());
  CHECK(!biased.bias.defined());
  CHECK(biased.weight.node().get() == trained[0].node().get());
  CHECK_THROWS_AS(biased = plain, ShapeError);
}

TEST_CASE("settings stay when the parameters of an assigned module do not fit", "[nn][module]") {
  Generator generator(1);
  nn::Gru one({.cell = {.input = 2, .hidden = 3}}, generator);
  const nn::Gru two({.cell = {.input = 2, .hidden = 3}, .layers = 2}, generator),
      wide({.cell = {.input = 4, .hidden = 5}}, generator);
  CHECK_THROWS_AS(one = two, ShapeError);
  CHECK(one.config.layers == 1);
  CHECK_THROWS_AS(one = wide, ShapeError);
  CHECK(one.config.cell.hidden == 3);
  CHECK(one.cells[0].config.hidden == 3);
}

TEST_CASE("a state dict is not loaded into a tensor that repeats its elements", "[nn][module]") {
  Repeats net;
  const nn::StateDict state = nn::state_dict(Plain());
  CHECK(test::refused<ShapeError>([&] { nn::load_state_dict(net, state); }) ==
        "load_state_dict: second: target [2] repeats its elements along axis 0");
  CHECK(same_bits(net.first.value(), ones({2})));
  CHECK(test::refused<ShapeError>([&] { net.second = nn::Parameter(ones({2})); }) ==
        "parameter: target [2] repeats its elements along axis 0");
}

TEST_CASE("visit takes only what is copied and assigned as a value", "[nn][module]") {
  STATIC_REQUIRE(nn::ModuleMember<nn::Parameter>);
  STATIC_REQUIRE(nn::ModuleMember<nn::Buffer>);
  STATIC_REQUIRE(nn::ModuleMember<nn::Linear>);
  STATIC_REQUIRE(nn::ModuleMember<nn::ModuleList<Block>>);
  STATIC_REQUIRE(nn::ModuleMember<std::array<nn::Linear, 2>>);
  STATIC_REQUIRE(!nn::ModuleMember<std::array<nn::Parameter, 2>>);  // g++ 12 cannot copy these
  STATIC_REQUIRE(!nn::ModuleMember<std::array<nn::Buffer, 2>>);
  STATIC_REQUIRE(!nn::ModuleMember<Tensor>);                   // copies would share it
  STATIC_REQUIRE(!nn::ModuleMember<Variable>);                 // so would they this
  STATIC_REQUIRE(!nn::ModuleMember<std::vector<nn::Linear>>);  // its assignment replaces the leaves
}

TEST_CASE("a parameter that visit forgot is seen", "[nn][module]") {
  const Forgetful net;
  const Variable loss = sum(net.weight) * sum(net.forgotten);
  CHECK(untracked_leaves(loss, nn::parameters(net)) == std::vector<std::string>{"f32 [3], used by sum"});
}

TEST_CASE("a state dict shares the module's storage", "[nn][module]") {
  Net net(1);
  const Tensor before = net.forward(ids).value();
  nn::StateDict state = nn::state_dict(net);
  REQUIRE(state.size() == 8);
  fill(state.at("blocks.0.layer.bias"), 3);
  CHECK(net.blocks[0].layer.bias.value().data<float>()[0] == 3);
  CHECK(!same_bits(net.forward(ids).value(), before));
}

TEST_CASE("a state dict goes through a file into another module", "[nn][module]") {
  const DType from = GENERATE(DType::f32, DType::f64);
  const DType to_type = GENERATE(DType::f32, DType::f64);
  Net written(1, from), read(2, to_type);
  fill(written.blocks[0].steps, 12);
  const test::TemporaryFolder folder;
  write_safetensors(folder.path() / "net.safetensors", {nn::state_dict(written), {}});
  const std::vector<Variable> handles = nn::parameters(read);
  nn::load_state_dict(read, read_safetensors(folder.path() / "net.safetensors").tensors);
  for (const auto& [name, tensor] : nn::state_dict(written)) {
    INFO(name);
    const Tensor loaded = nn::state_dict(read).at(name);
    const DType type = tensor.dtype() == DType::i64 ? DType::i64 : to_type;
    CHECK(same_bits(loaded, test::to_tensor(test::to_array(tensor), type)));
  }
  CHECK(handles[0].node().get() == read.embedding.weight.node().get());
  CHECK(read.blocks[0].steps.data<std::int64_t>()[1] == 12);
}

TEST_CASE("a state dict that does not fit is refused and changes nothing", "[nn][module]") {
  Net net(1);
  const nn::StateDict good = cloned_state(Net(2));

  nn::StateDict state = good;
  state.erase("blocks.0.scale");
  state.erase("blocks.1.layer.weight");
  CHECK(refusal(net, state) == "load_state_dict: missing: [blocks.0.scale, blocks.1.layer.weight], unexpected: []");

  state = good;
  state.emplace("blocks.1.layer.bias", zeros({3}));
  CHECK(refusal(net, state) == "load_state_dict: missing: [], unexpected: [blocks.1.layer.bias]");

  state = good;
  state.at("embedding.weight") = zeros({3, 5});  // the last name: everything else fits
  CHECK(refusal(net, state) == "load_state_dict: embedding.weight is f32 [5, 3], the file has f32 [3, 5]");

  state = good;
  state.at("embedding.weight") = zeros({5, 3}, DType::i64);
  CHECK(refusal(net, state) == "load_state_dict: embedding.weight is f32 [5, 3], the file has i64 [5, 3]");

  state = good;
  state.at("blocks.1.steps") = zeros({2}, DType::f32);
  CHECK(refusal(net, state) == "load_state_dict: blocks.1.steps is i64 [2], the file has f32 [2]");

  state = good;
  state.at("blocks.1.scale") = Tensor();
  CHECK(refusal(net, state) == "load_state_dict: blocks.1.scale is f32 [], the file has no tensor");

  CHECK_NOTHROW(nn::load_state_dict(net, good));
}

TEST_CASE("a state dict may be made of the module's own tensors", "[nn][module]") {
  Net net(1);
  const nn::StateDict before = cloned_state(net);
  nn::StateDict state = nn::state_dict(net);
  std::swap(state.at("blocks.0.layer.weight"), state.at("blocks.1.layer.weight"));
  state.at("blocks.0.layer.bias") = select(state.at("embedding.weight"), 0, 4);
  state.at("embedding.weight") = slice(state.at("embedding.weight"), 0, -1, to_end, -1);
  nn::load_state_dict(net, state);
  const nn::StateDict now = nn::state_dict(net);
  CHECK(same_bits(now.at("blocks.0.layer.weight"), before.at("blocks.1.layer.weight")));
  CHECK(same_bits(now.at("blocks.1.layer.weight"), before.at("blocks.0.layer.weight")));
  CHECK(same_bits(now.at("blocks.0.layer.bias"), select(before.at("embedding.weight"), 0, 4).clone()));
  for (std::int64_t i = 0; i < 5; ++i)
    CHECK(same_bits(select(now.at("embedding.weight"), 0, i).clone(),
                    select(before.at("embedding.weight"), 0, 4 - i).clone()));
  CHECK(same_bits(now.at("blocks.1.scale"), before.at("blocks.1.scale")));
}

TEST_CASE("a state dict with one name twice is refused", "[nn][module]") {
  CHECK(test::refused<Error>([] { nn::state_dict(SameName()); }) == "state_dict: two tensors are called weight");
}
