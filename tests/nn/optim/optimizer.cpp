// What optimizers share: their state by name, and training that goes on from a checkpoint with the same bits.
#include "heed/nn/optim/optimizer.h"

#include <functional>
#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/linear.h"
#include "heed/nn/module.h"
#include "heed/nn/optim/adadelta.h"
#include "heed/nn/optim/adagrad.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/rms_prop.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
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

template <class Optimizer>
MakeOptimizer with(const typename Optimizer::Config& config) {
  return [config](const Net& net) { return std::make_unique<Optimizer>(nn::named_parameters(net), config); };
}

std::vector<MakeOptimizer> all_optimizers() {
  return {with<nn::Sgd>({.learning_rate = 0.01}),
          with<nn::Sgd>({.learning_rate = 0.01, .momentum = 0.9, .dampening = 0.5}),
          with<nn::Sgd>({.learning_rate = 0.01, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true}),
          with<nn::Adam>({}),
          with<nn::Adam>({.weight_decay = 0.1}),
          with<nn::AdamW>({.weight_decay = 0.1}),
          with<nn::Adagrad>({.lr_decay = 0.1, .initial_accumulator_value = 0.5}),
          with<nn::Adadelta>({.weight_decay = 0.1}),
          with<nn::RmsProp>({}),
          with<nn::RmsProp>({.momentum = 0.9, .centered = true})};
}

// Fails to find memory for what it remembers of its second group, in its first step.
class Forgetful final : public nn::Optimizer {
 public:
  explicit Forgetful(const nn::NamedParameters& first, const nn::NamedParameters& second)
      : Optimizer("forgetful", {&first, &second}) {}

 private:
  void check_settings() const override {}
  Memories memories(std::size_t group) const override {
    if (group == 1) throw MemoryError("no memory");
    return {Memory{"sum"}};
  }
  void update(std::size_t, const Update& one) override {
    Tensor x = one.x;
    add_scaled(x, one.gradient);
  }
};

// One parameter that is listed twice.
struct Tied {
  static void visit(auto& self, auto&& visitor) {
    visitor("embedding", self.weight);
    visitor("output", self.weight);
  }
  nn::Parameter weight{ones({1}, DType::f64)};
};

struct Forwards {
  static void visit(auto& self, auto&& visitor) {
    visitor("first", self.first);
    visitor("second", self.second);
  }
  nn::Parameter first{ones({2, 2})}, second{ones({2, 2})};
};

struct Backwards {
  static void visit(auto& self, auto&& visitor) {
    visitor("second", self.second);
    visitor("first", self.first);
  }
  nn::Parameter first{ones({2, 2})}, second{ones({2, 2})};
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
  CHECK(i == 4);
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

TEST_CASE("the state of an optimizer has PyTorch's names, and a count for every parameter", "[nn][optim]") {
  const Stepped stepped;
  const nn::StateDict state = stepped.adam.state_dict();
  REQUIRE(state.size() == 4);
  CHECK(state.at("state.0.step").item<std::int64_t>() == 2);
  CHECK(state.at("state.0.step").rank() == 0);
  CHECK(state.at("state.1.step").item<std::int64_t>() == 0);
  CHECK(test::to_array(state.at("state.0.exp_avg")).numbers[1] == Approx(0.9 * 0.3 - 0.1));
  CHECK(test::to_array(state.at("state.0.exp_avg_sq")).numbers[1] == Approx(0.999 * 0.009 + 0.001));

  const Variable x(ones({2}), true), y(ones({2}), true);
  y.set_grad(full({2}, 3));
  Sgd momentum({x, y}, {.momentum = 0.5}), plain({x, y}, {});
  momentum.step();
  plain.step();
  CHECK(plain.state_dict().size() == 2);
  CHECK(plain.state_dict().at("state.1.step").item<std::int64_t>() == 1);
  REQUIRE(momentum.state_dict().size() == 3);
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
  CHECK(refusal(incomplete) ==
        "load_state_dict: missing: [state.0.step], unexpected: [state.0.exp_avg, state.0.exp_avg_sq]");
  incomplete = stepped.adam.state_dict();
  incomplete.erase("state.1.step");
  CHECK(refusal(incomplete) == "load_state_dict: missing: [state.1.step], unexpected: []");
  CHECK(refusal({}) == "load_state_dict: missing: [state.0.step, state.1.step], unexpected: []");
  CHECK(refusal(with("state.2.step", zeros({}, DType::i64))) ==
        "load_state_dict: missing: [], unexpected: [state.2.step]");
  CHECK(refusal(with("state.0.momentum_buffer", zeros({2}))) ==
        "load_state_dict: missing: [], unexpected: [state.0.momentum_buffer]");
  CHECK(refusal(with("weight", zeros({2}))) == "load_state_dict: missing: [], unexpected: [weight]");
  CHECK(refusal(with("state.0.exp_avg", zeros({3}))) ==
        "load_state_dict: state.0.exp_avg is f32 [2], the file has f32 [3]");
  CHECK(refusal(with("state.1.step", zeros({}))) == "load_state_dict: state.1.step is i64 [], the file has f32 []");
  CHECK(refusal(with("state.1.step", zeros({1}, DType::i64))) ==
        "load_state_dict: state.1.step is i64 [], the file has i64 [1]");
  CHECK(refusal(with("state.1.step", Tensor())) == "load_state_dict: state.1.step is i64 [], the file has no tensor");
  CHECK(refusal(with("state.0.step", zeros({}))) == "load_state_dict: state.0.step is i64 [], the file has f32 []");
  CHECK(refusal(with("state.1.step", ones({}, DType::i64))) ==
        "load_state_dict: missing: [state.1.exp_avg, state.1.exp_avg_sq], unexpected: []");
  for (const std::int64_t count : {std::int64_t{-1}, (std::int64_t{1} << 53) + 1})
    CHECK(refusal(with("state.0.step", full({}, count, DType::i64))) ==
          "load_state_dict: state.0.step is " + std::to_string(count) + ", expected a count of 0 to 2^53");
  Sgd plain({stepped.x}, {});
  CHECK(test::refused<FormatError>([&] {
          plain.load_state_dict({{"state.0.step", ones({}, DType::i64)}, {"state.0.momentum_buffer", zeros({2})}});
        }) == "load_state_dict: missing: [], unexpected: [state.0.momentum_buffer]");
}

TEST_CASE("a state is loaded again also when the settings have just been changed", "[nn][optim]") {
  const auto steps = [](Sgd& sgd, const Variable& x, int count) {
    for (int i = 0; i < count; ++i) {
      x.set_grad(full({2}, 3));
      sgd.step();
    }
  };
  const Sgd::Config plain{.learning_rate = 0.5}, heavy{.learning_rate = 0.5, .momentum = 0.5, .dampening = 0.25};
  for (const bool on : {true, false}) {
    const Variable x(ones({2}), true);
    Sgd sgd({x}, on ? plain : heavy);
    steps(sgd, x, 1);
    sgd.config() = on ? heavy : plain;
    const nn::StateDict state = sgd.state_dict();
    CHECK(state.contains("state.0.momentum_buffer") == on);
    const Variable copy(x.value().clone(), true);
    Sgd resumed({copy}, sgd.config());
    resumed.load_state_dict(state);
    steps(sgd, x, 2);
    steps(resumed, copy, 2);
    CHECK(same_bits(copy.value(), x.value()));
  }
}

TEST_CASE("a loaded state is a copy, and that of an optimizer without steps clears what is remembered", "[nn][optim]") {
  const Stepped stepped;
  Stepped other;
  Adam adam({stepped.x, stepped.never}, {});
  const nn::StateDict fresh = adam.state_dict();
  adam.load_state_dict(other.adam.state_dict());
  const std::size_t before = test::fingerprint(adam.state_dict().at("state.0.exp_avg"));
  other.adam.step();
  CHECK(test::fingerprint(adam.state_dict().at("state.0.exp_avg")) == before);
  adam.load_state_dict(adam.state_dict());
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 2);
  adam.load_state_dict(fresh);
  CHECK(adam.state_dict().size() == 2);
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 0);
}

TEST_CASE("several things are loaded all or nothing into second ones that are moved in place", "[nn][optim]") {
  Net net(1, DType::f64), saved(2, DType::f64);
  Adam adam(nn::named_parameters(net), {}), other(nn::named_parameters(saved), {});
  train(saved, other, 0, 3);
  train(net, adam, 0, 2);
  const auto load = [&](const nn::StateDict& module, const nn::StateDict& optimizer) {
    Net next_net = net;
    Adam next(nn::named_parameters(net), adam.config());
    nn::load_state_dict(next_net, module);
    next.load_state_dict(optimizer);
    net = next_net;
    adam = std::move(next);
  };
  const std::size_t before = test::fingerprint(net.rare.value());
  CHECK_THROWS_AS(load(nn::state_dict(saved), {}), FormatError);
  CHECK(test::fingerprint(net.rare.value()) == before);
  CHECK(adam.state_dict().at("state.layer.weight.step").item() == 2);
  load(nn::state_dict(saved), other.state_dict());
  train(net, adam, 3, 5);
  train(saved, other, 3, 5);
  CHECK(same_bits(net.layer.weight.value(), saved.layer.weight.value()));
  CHECK(same_bits(net.rare.value(), saved.rare.value()));
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
  Forgetful optimizer({x}, {y});
  for (const Variable& v : {x, y}) v.set_grad(ones(v.shape()));
  CHECK_THROWS_AS(optimizer.step(), MemoryError);
  CHECK(same_bits(x.value(), ones({2})));
  y.set_grad({});
  optimizer.step();
  CHECK(same_bits(x.value(), full({2}, 2)));
}

TEST_CASE("a tied weight is stepped, decayed and remembered once (trap O5)", "[nn][optim]") {
  Tied net;
  net.weight.set_grad(ones({1}, DType::f64));
  Sgd sgd(nn::named_parameters(net), {.learning_rate = 0.1, .momentum = 0.5});
  sgd.step();
  CHECK(net.weight.item() == 0.9);
  const nn::StateDict state = sgd.state_dict();
  CHECK(state.size() == 2);
  CHECK(state.contains("state.embedding.momentum_buffer"));
  net.weight.set_grad(zeros({1}, DType::f64));
  Sgd(nn::parameters(net), {.learning_rate = 0.1, .weight_decay = 1}).step();
  CHECK(net.weight.item() == Approx(0.81).epsilon(1e-15));
}

TEST_CASE("a state is restored by name, whatever the order of the parameters (trap O6)", "[nn][optim]") {
  Forwards forwards;
  Backwards backwards;
  forwards.first.set_grad(full({2, 2}, 1));
  forwards.second.set_grad(full({2, 2}, -2));
  Adam saved(nn::named_parameters(forwards), {}), other(nn::named_parameters(backwards), {});
  saved.step();
  other.load_state_dict(saved.state_dict());
  const nn::StateDict state = other.state_dict();
  CHECK(same_bits(state.at("state.first.exp_avg"), saved.state_dict().at("state.first.exp_avg")));
  backwards.second.set_grad(full({2, 2}, 3));
  forwards.second.set_grad(full({2, 2}, 3));
  forwards.first.set_grad({});
  saved.step();
  backwards.second = forwards.second;  // the values alone
  other.step();
  CHECK(same_bits(other.state_dict().at("state.second.exp_avg"), saved.state_dict().at("state.second.exp_avg")));

  nn::StateDict wrong = saved.state_dict();
  wrong.erase("state.second.step");
  wrong.emplace("state.third.step", zeros({}, DType::i64));
  const std::size_t before = test::fingerprint(other.state_dict().at("state.second.exp_avg"));
  CHECK(test::refused<FormatError>([&] { other.load_state_dict(wrong); }) ==
        "load_state_dict: missing: [state.second.step], unexpected: [state.second.exp_avg, state.second.exp_avg_sq, "
        "state.third.step]");
  CHECK(test::fingerprint(other.state_dict().at("state.second.exp_avg")) == before);
}

TEST_CASE("settings must keep their meaning in the dtype of the parameters", "[nn][optim]") {
  const Variable narrow(ones({2}), true), wide(ones({2}, DType::f64), true);
  const auto refusal = [&](const Adam::Config& config) {
    CHECK_NOTHROW(Adam({wide}, config));
    return test::refused<Error>([&] { Adam({narrow}, config); });
  };
  CHECK(refusal({.learning_rate = 1e39}) == "adam: learning_rate is 1e+39, expected a number that is finite as f32");
  CHECK(refusal({.epsilon = 1e39}) == "adam: epsilon is 1e+39, expected a number that is finite as f32");
  CHECK(refusal({.epsilon = 1e-46}) == "adam: epsilon is 1e-46, expected a number above 0 as f32");
  CHECK(refusal({.learning_rate = 1e38}) == "(nothing was thrown)");
  Adam groups({{std::vector{wide}, {.epsilon = 1e-46}}, {std::vector{narrow}, {}}});
  groups.config(1).weight_decay = 1e39;
  narrow.set_grad(zeros({2}));
  CHECK(test::refused<Error>([&] { groups.step(); }) ==
        "adam: group 1: weight_decay is 1e+39, expected a number that is finite as f32");
  CHECK(same_bits(narrow.value(), ones({2})));
}

TEST_CASE("names must be distinct, and one for each parameter", "[nn][optim]") {
  nn::NamedParameters twice, fewer;
  for (int i = 0; i < 2; ++i) twice.push_back("weight", Variable(ones({1}), true));
  CHECK(test::refused<Error>([&] { Sgd(twice, {}); }) == "sgd: two parameters are called weight");
  fewer = twice;
  fewer.names.pop_back();
  CHECK(test::refused<Error>([&] { Sgd(fewer, {}); }) == "sgd: 2 parameters have 1 names");
}

TEST_CASE("counts and moments come back exactly (trap C2)", "[nn][optim]") {
  const Variable x(ones({2}, DType::f64), true);
  x.set_grad(ones({2}, DType::f64));
  Adam adam({x}, {});
  adam.step();
  nn::StateDict state = adam.state_dict();
  state["state.0.step"] = full({}, std::int64_t{16'777'217}, DType::i64);
  state["state.0.exp_avg"] = full({2}, 1.0 / 3, DType::f64);
  adam.load_state_dict(state);
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 16'777'217);
  CHECK(same_bits(adam.state_dict().at("state.0.exp_avg"), full({2}, 1.0 / 3, DType::f64)));
  adam.step();
  CHECK(adam.state_dict().at("state.0.step").item<std::int64_t>() == 16'777'218);
}

TEST_CASE("a step after the first takes no memory, and its first what it remembers", "[nn][optim]") {
  const Variable x(ones({1 << 20}), true);
  x.set_grad(full({1 << 20}, 0.5));
  nn::RmsProp optimizer({x}, {.momentum = 0.9, .centered = true});
  const std::size_t size = std::size_t{4} << 20, before = memory_stats().live_bytes;
  optimizer.step();
  CHECK(memory_stats().live_bytes == before + 3 * size);
  reset_peak_memory();
  optimizer.step();
  CHECK(memory_stats().peak_bytes < before + 3 * size + size / 2);
}

TEST_CASE("a gradient may repeat its elements", "[nn][optim]") {
  const Variable first(ones({2}), true), second(ones({1 << 10}), true);
  for (const Variable& v : {first, second}) v.set_grad(expand(ones({1}), v.shape()));
  Sgd sgd({first, second}, {.learning_rate = 1});
  sgd.step();
  CHECK(same_bits(first.value(), zeros({2})));
  CHECK(same_bits(second.value(), zeros({1 << 10})));
}
