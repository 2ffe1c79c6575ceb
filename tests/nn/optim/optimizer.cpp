// What optimizers share: their state by name, and training that goes on from a checkpoint with the same bits.
#include "heed/nn/optim/optimizer.h"

#include <functional>
#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/linear.h"
#include "heed/nn/module.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using heed::test::same_bits;
using nn::Adam, nn::Sgd;

namespace {

// `rare` has a gradient in every third step only, `unused` never.
struct Net {
  explicit Net(std::uint64_t seed, DType dtype) : Net(Generator(seed), dtype) {}
  Net(Generator generator, DType dtype)
      : layer({.in = 3, .out = 2, .dtype = dtype}, generator), rare(ones({2}, dtype)), unused(ones({4}, dtype)) {}

  static void visit(auto& self, auto&& visitor) {
    visitor("unused", self.unused);
    visitor("layer", self.layer);
    visitor("rare", self.rare);
  }

  nn::Linear layer;
  nn::Parameter rare, unused;
};

using MakeOptimizer = std::function<std::unique_ptr<nn::Optimizer>(const Net&)>;

void train(const Net& net, nn::Optimizer& optimizer, int from, int to) {
  for (int step = from; step < to; ++step) {
    Generator generator(static_cast<std::uint64_t>(step));
    const Variable y = net.layer.forward(Variable(normal(generator, {5, 3}, 0, 1, net.rare.dtype())));
    optimizer.zero_grad();
    backward(step % 3 == 1 ? sum(y * y * net.rare) : sum(y * y));
    optimizer.step();
  }
}

std::vector<MakeOptimizer> all_optimizers() {
  return {[](const Net& net) { return std::make_unique<Sgd>(nn::parameters(net), Sgd::Config{.learning_rate = 0.01}); },
          [](const Net& net) {
            return std::make_unique<Sgd>(nn::parameters(net), Sgd::Config{.learning_rate = 0.01, .momentum = 0.9});
          },
          [](const Net& net) { return std::make_unique<Adam>(nn::parameters(net), Adam::Config{}); }};
}

// Fails to remember anything of a parameter with three elements.
class Forgetful final : public nn::Optimizer {
 public:
  explicit Forgetful(std::vector<Variable> parameters) : Optimizer("forgetful", std::move(parameters)) {}

 private:
  void check_settings() const override {}
  nn::StateDict initial_state(const Tensor& x) const override {
    if (x.numel() == 3) throw MemoryError("no memory");
    return {{"sum", zeros(x.shape(), x.dtype())}};
  }
  void update(Tensor& x, const Tensor& gradient, nn::StateDict&) override { add_scaled(x, gradient); }
};

// Two parameters, of which the first has been stepped twice and the second never.
struct Stepped {
  Variable x{tensor({1, 2}, {2}), true}, never{ones({3}), true};
  Adam adam{{x, never}, {.learning_rate = 0.1}};
  Stepped() {
    for (double g : {3.0, -1.0}) {
      x.set_grad(full({2}, g));
      adam.step();
    }
  }
};

std::string refusal(const nn::StateDict& state) {
  Stepped fresh;
  const nn::StateDict before = fresh.adam.state_dict();
  std::vector<std::size_t> bytes;
  for (const auto& [name, tensor] : before) bytes.push_back(test::fingerprint(tensor));
  const std::string message = test::refused<FormatError>([&] { fresh.adam.load_state_dict(state); });
  std::size_t i = 0;
  for (const auto& [name, tensor] : fresh.adam.state_dict()) CHECK(test::fingerprint(tensor) == bytes.at(i++));
  CHECK(i == 3);
  return message;
}

}  // namespace

TEST_CASE("training that is resumed from a file has the bits of training that was not interrupted", "[nn][optim]") {
  const DType dtype = GENERATE(DType::f32, DType::f64);
  const test::TemporaryFolder folder;
  const auto model = folder.path() / "model.safetensors", optimizer = folder.path() / "optimizer.safetensors";
  // Interrupted before `rare` has had a gradient, in the middle, and after a step without one.
  for (const MakeOptimizer& make : all_optimizers())
    for (int interrupted : {1, 5, 6}) {
      const Net whole(1, dtype);
      const auto uninterrupted = make(whole);
      train(whole, *uninterrupted, 0, 9);
      {
        const Net first(1, dtype);
        const auto half = make(first);
        train(first, *half, 0, interrupted);
        write_safetensors(model, {nn::state_dict(first), {}});
        write_safetensors(optimizer, {half->state_dict(), {}});
      }
      Net second(2, dtype);
      const auto other_half = make(second);
      train(second, *other_half, 20, 22);  // what it remembers is replaced
      nn::load_state_dict(second, read_safetensors(model).tensors);
      other_half->load_state_dict(read_safetensors(optimizer).tensors);
      train(second, *other_half, interrupted, 9);
      const nn::StateDict wanted = nn::state_dict(whole), got = nn::state_dict(second);
      for (const auto& [name, tensor] : wanted) {
        INFO(name << ", interrupted at " << interrupted);
        CHECK(same_bits(got.at(name), tensor));
      }
      const nn::StateDict wanted_state = uninterrupted->state_dict(), state = other_half->state_dict();
      CHECK(state.size() == wanted_state.size());
      for (const auto& [name, tensor] : wanted_state) CHECK(same_bits(state.at(name), tensor));
    }
}

TEST_CASE("the state of an optimizer has PyTorch's names, for parameters that have been stepped", "[nn][optim]") {
  const Stepped stepped;
  const nn::StateDict state = stepped.adam.state_dict();
  REQUIRE(state.size() == 3);
  CHECK(state.at("state.0.step").item<std::int64_t>() == 2);
  CHECK(state.at("state.0.step").rank() == 0);
  CHECK(test::to_array(state.at("state.0.exp_avg")).numbers[1] == Approx(0.9 * 0.3 - 0.1));
  CHECK(test::to_array(state.at("state.0.exp_avg_sq")).numbers[1] == Approx(0.999 * 0.009 + 0.001));
  CHECK(Adam({stepped.x}, {}).state_dict().empty());

  const Variable x(ones({2}), true), y(ones({2}), true);
  y.set_grad(full({2}, 3));
  Sgd momentum({x, y}, {.momentum = 0.5}), plain({x, y}, {});
  momentum.step();
  plain.step();
  CHECK(plain.state_dict().empty());
  REQUIRE(momentum.state_dict().size() == 1);
  CHECK(same_bits(momentum.state_dict().at("state.1.momentum_buffer"), full({2}, 3)));
}

TEST_CASE("a state that does not fit the optimizer is refused and changes nothing", "[nn][optim]") {
  const Stepped stepped;
  const auto with = [&](const std::string& name, const Tensor& tensor) {
    nn::StateDict state = stepped.adam.state_dict();
    state[name] = tensor;
    return state;
  };
  nn::StateDict incomplete = stepped.adam.state_dict();
  incomplete.erase("state.0.step");
  CHECK(refusal(incomplete) == "load_state_dict: missing: [state.0.step], unexpected: []");
  CHECK(refusal(with("state.2.step", zeros({}, DType::i64))) ==
        "load_state_dict: missing: [], unexpected: [state.2.step]");
  CHECK(refusal(with("state.0.momentum_buffer", zeros({2}))) ==
        "load_state_dict: missing: [], unexpected: [state.0.momentum_buffer]");
  CHECK(refusal(with("weight", zeros({2}))) == "load_state_dict: missing: [], unexpected: [weight]");
  CHECK(refusal(with("state.0.exp_avg", zeros({3}))) ==
        "load_state_dict: state.0.exp_avg is f32 [2], the file has f32 [3]");
  CHECK(refusal(with("state.0.step", zeros({}))) == "load_state_dict: state.0.step is i64 [], the file has f32 []");
  for (const std::int64_t count : {std::int64_t{-1}, (std::int64_t{1} << 53) + 1})
    CHECK(refusal(with("state.0.step", full({}, count, DType::i64))) ==
          "load_state_dict: state.0.step is " + std::to_string(count) + ", expected a count of 0 to 2^53");
  Sgd plain({stepped.x}, {});
  CHECK(test::refused<FormatError>([&] { plain.load_state_dict({{"state.0.momentum_buffer", zeros({2})}}); }) ==
        "load_state_dict: missing: [], unexpected: [state.0.momentum_buffer]");
}

TEST_CASE("a loaded state is a copy, and none at all clears what is remembered", "[nn][optim]") {
  const Stepped stepped;
  Stepped other;
  Adam adam({stepped.x}, {});
  adam.load_state_dict(other.adam.state_dict());
  const std::size_t before = test::fingerprint(adam.state_dict().at("state.0.exp_avg"));
  other.adam.step();
  CHECK(test::fingerprint(adam.state_dict().at("state.0.exp_avg")) == before);
  adam.load_state_dict(adam.state_dict());
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 2);
  adam.load_state_dict({});
  CHECK(adam.state_dict().empty());
}

TEST_CASE("an optimizer that moves goes on, and one that is copied does not compile", "[nn][optim]") {
  STATIC_REQUIRE(!std::is_copy_constructible_v<Adam>);
  STATIC_REQUIRE(!std::is_copy_assignable_v<Sgd>);
  Stepped stepped;
  Adam moved = std::move(stepped.adam);
  CHECK(moved.parameters().size() == 2);
  moved.step();
  CHECK(moved.state_dict().at("state.0.step").item<std::int64_t>() == 3);
}

TEST_CASE("a first step that finds no memory for what it must remember changes no parameter", "[nn][optim]") {
  const Variable x(ones({2}), true), y(ones({3}), true);
  Forgetful optimizer({x, y});
  for (const Variable& v : {x, y}) v.set_grad(ones(v.shape()));
  CHECK_THROWS_AS(optimizer.step(), MemoryError);
  CHECK(same_bits(x.value(), ones({2})));
  y.set_grad({});
  optimizer.step();
  CHECK(same_bits(x.value(), full({2}, 2)));
}
