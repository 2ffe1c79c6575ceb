// Weight averages: their values, their warm-up, and that a resumed average has the bits of an unbroken one.
#include "heed/nn/train/ema.h"

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Ema;
using test::same_bits;

namespace {

struct Net {
  explicit Net(double value = 1, DType dtype = DType::f64) : weight(full({2, 3}, value, dtype)) {}
  static void visit(auto& self, auto&& visitor) {
    visitor("weight", self.weight);
    visitor("tied", self.weight);
    visitor("count", self.count);
  }
  nn::Parameter weight;
  nn::Buffer count{zeros({}, DType::i64)};
};

struct Other {
  static void visit(auto& self, auto&& visitor) {
    visitor("bias", self.bias);
    visitor("count", self.count);
  }
  nn::Parameter bias{ones({2, 3}, DType::f64)};
  nn::Buffer count{ones({}, DType::i64)};
};

struct Empty {
  static void visit(auto&, auto&&) {}
};

void set(Net& net, double value) {
  Tensor x = net.weight.value();
  fill(x, value);
}

double average(const Ema& ema) { return test::to_array(ema.values().at("weight")).numbers[0]; }

}  // namespace

TEST_CASE("a weight average moves by 1 - decay of the way, a tied weight once", "[nn][ema]") {
  Net net;
  Ema ema(net, {.decay = 0.75, .warm_up = false});
  set(net, 5);
  ema.update(net);
  CHECK(average(ema) == 2);
  ema.update(net);
  CHECK(average(ema) == 2.75);
  CHECK(ema.updates() == 2);
  CHECK(same_bits(net.weight.value(), full({2, 3}, 5, DType::f64)));
}

TEST_CASE("a warm-up begins with a decay of .1 and reaches the decay asked for (trap O12)", "[nn][ema]") {
  Net net(0);
  Ema ema(net, {.decay = 0.999});
  set(net, 1);
  ema.update(net);
  CHECK(average(ema) == Approx(0.9).epsilon(1e-14));
  ema.update(net);
  CHECK(average(ema) == Approx(1 - 0.1 * 2 / 11).epsilon(1e-14));
  Net other(0);
  Ema capped(other, {.decay = 0.25});
  set(other, 1);
  for (int i = 0; i < 3; ++i) capped.update(other);  // .1, 2/11, 3/12
  CHECK(average(capped) == Approx(1 - 0.1 * 2 / 11 * 0.25).epsilon(1e-14));
}

TEST_CASE("a weight average that is resumed has the bits of an unbroken one (trap O12)", "[nn][ema]") {
  const DType dtype = GENERATE(DType::f32, DType::f64);
  Generator generator(1);
  Net net(1, dtype);
  Ema whole(net, {}), resumed(net, {});
  Ema first(net, {});
  for (int t = 0; t < 120; ++t) {
    net.weight = nn::Parameter(normal(generator, {2, 3}, 0, 1, dtype));
    if (t < 100) first.update(net);
    if (t == 100) {
      nn::StateDict copy;
      for (const auto& [name, tensor] : first.state_dict()) copy.emplace(name, tensor.clone());
      resumed.load_state_dict(copy);
      const double before = average(resumed), x = test::to_array(net.weight.value()).numbers[0];
      resumed.update(net);
      CHECK(average(resumed) == Approx(.918182 * before + (1 - .918182) * x).margin(1e-5));
    }
    if (t > 100) resumed.update(net);
    whole.update(net);
  }
  CHECK(resumed.updates() == 120);
  CHECK(same_bits(whole.values().at("weight"), resumed.values().at("weight")));
}

TEST_CASE("an average of weights that stay has their bits", "[nn][ema]") {
  Net net(1.0 / 3);
  Ema ema(net, {});
  for (int t = 0; t < 50; ++t) ema.update(net);
  CHECK(same_bits(ema.values().at("weight"), net.weight.value()));
}

TEST_CASE("copy_to gives a module the averages and the buffers as they were", "[nn][ema]") {
  Net net;
  Ema ema(net, {.decay = 0.5, .warm_up = false});
  set(net, 3);
  fill(net.count, 7);
  ema.update(net);
  Net averaged;
  ema.copy_to(averaged);
  CHECK(same_bits(averaged.weight.value(), full({2, 3}, 2, DType::f64)));
  CHECK(averaged.count.item<std::int64_t>() == 7);
  set(averaged, 9);  // a copy
  CHECK(average(ema) == 2);
}

TEST_CASE("an average has PyTorch's names in its state", "[nn][ema]") {
  Net net;
  const nn::StateDict state = Ema(net, {}).state_dict();
  REQUIRE(state.size() == 3);
  CHECK(state.at("n_averaged").item<std::int64_t>() == 0);
  CHECK(state.contains("module.weight"));
  CHECK(state.contains("module.count"));
}

TEST_CASE("an Ema that moves goes on, and one that is copied does not compile", "[nn][ema]") {
  static_assert(!std::is_copy_constructible_v<Ema> && !std::is_copy_assignable_v<Ema>);
  Net net;
  Ema first(net, {.decay = 0.75, .warm_up = false});
  Ema second = std::move(first);
  set(net, 5);
  second.update(net);
  CHECK(average(second) == 2);
}

TEST_CASE("Ema refuses what does not fit it, and nothing changes", "[nn][ema]") {
  Net net;
  CHECK(test::refused<Error>([&] { Ema(net, {.decay = 1.5}); }) == "ema: decay is 1.5, expected 0 <= decay <= 1");
  Ema ema(net, {});
  Net narrow(2, DType::f32);
  CHECK(test::refused<ShapeError>([&] { ema.update(narrow); }) == "ema: weight is f32 [2, 3], it was f64 [2, 3]");
  const Other other;
  CHECK(test::refused<ShapeError>([&] { ema.update(other); }) == "ema: the module has bias, which it did not have");
  const Empty empty;
  CHECK(test::refused<ShapeError>([&] { ema.update(empty); }) == "ema: the module has 0 parameters, it had 1");
  nn::StateDict state = ema.state_dict();
  state["n_averaged"] = full({}, -1, DType::i64);
  state["module.weight"] = full({2, 3}, 8, DType::f64);
  CHECK(test::refused<FormatError>([&] { ema.load_state_dict(state); }) ==
        "load_state_dict: n_averaged is -1, expected a count of 0 to 2^53");
  state["n_averaged"] = full({}, std::numeric_limits<std::int64_t>::max(), DType::i64);
  CHECK(test::refused<FormatError>([&] { ema.load_state_dict(state); }) ==
        "load_state_dict: n_averaged is 9223372036854775807, expected a count of 0 to 2^53");
  state.erase("n_averaged");
  CHECK(test::refused<FormatError>([&] { ema.load_state_dict(state); }) ==
        "load_state_dict: missing: [n_averaged], unexpected: []");
  CHECK(average(ema) == 1);
  CHECK(ema.updates() == 0);
}
