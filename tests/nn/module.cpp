// What one visit() gives a module: names, state dicts, copies that are independent.
#include "heed/nn/module.h"

#include <algorithm>

#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/safetensors.h"
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
  Tensor steps, absent;
};

struct Net {
  explicit Net(std::uint64_t seed, DType dtype = DType::f32) : Net(Generator(seed), dtype) {}
  Net(Generator generator, DType dtype) : embedding({.count = 5, .width = 3, .dtype = dtype}, generator) {
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
  std::vector<Block> blocks;
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

struct SameName {
  nn::Parameter weight = nn::Parameter(zeros({2}));
  Tensor buffer = zeros({3});

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("weight", self.weight);
    visitor("weight", self.buffer);
  }
};

}  // namespace

TEST_CASE("walk gives names in the order of visit and leaves out what is undefined", "[nn][module]") {
  const std::vector<std::string> wanted{"p embedding.weight",      "p blocks.0.scale", "p blocks.0.layer.weight",
                                        "p blocks.0.layer.bias",   "b blocks.0.steps", "p blocks.1.scale",
                                        "p blocks.1.layer.weight", "b blocks.1.steps"};
  std::vector<std::string> names;
  Net net(1);
  nn::walk(
      net, [&](const std::string& name, nn::Parameter&) { names.push_back("p " + name); },
      [&](const std::string& name, Tensor&) { names.push_back("b " + name); });
  CHECK(names == wanted);

  names.clear();
  const Net& constant = net;
  nn::walk(
      constant,
      [&](const std::string& name, auto& parameter) {
        static_assert(std::is_same_v<decltype(parameter), const nn::Parameter&>);
        names.push_back("p " + name);
      },
      [&](const std::string& name, auto& buffer) {
        static_assert(std::is_same_v<decltype(buffer), const Tensor&>);
        names.push_back("b " + name);
      });
  CHECK(names == wanted);

  const std::vector<Variable> parameters = nn::parameters(net);
  REQUIRE(parameters.size() == 6);
  CHECK(parameters[0].node().get() == net.embedding.weight.node().get());
  CHECK(parameters[5].node().get() == net.blocks[1].layer.weight.node().get());
  CHECK(nn::parameter_count(net) == 15 + 1 + 12 + 1 + 9);
}

TEST_CASE("a copied module has the same numbers and is independent", "[nn][module]") {
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
  Net assigned(2);
  assigned = std::move(moved);
  CHECK(same_leaves(assigned, handles));

  std::vector<Net> nets;
  nets.push_back(std::move(assigned));
  nets.emplace_back(3);  // the vector moves its elements to a larger place
  nets.emplace_back(4);
  CHECK(same_leaves(nets[0], handles));
}

TEST_CASE("a state dict shares the module's numbers", "[nn][module]") {
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

TEST_CASE("a state dict with one name twice is refused", "[nn][module]") {
  CHECK(test::refused<Error>([] { nn::state_dict(SameName()); }) == "state_dict: two tensors are called weight");
}
