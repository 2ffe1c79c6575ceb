// EpochOrder: every example once an epoch, and a saved run goes on with the batches it would have had.
#include "heed/nn/data/epoch_order.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/safetensors.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;
using test::refused;
using Batch = EpochOrder::Batch;

namespace {

std::vector<PairLength> made_lengths(std::int64_t n) {
  Generator random(1);
  std::vector<PairLength> lengths;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t source = random.uniform_int(9), target = random.uniform_int(9);
    lengths.push_back({source, target});
  }
  return lengths;
}

// One of each kind, of 95 examples in batches of 10.
std::vector<EpochOrder> orders(std::uint64_t seed = 7) {
  return {EpochOrder(95, 10, Generator(seed, 3)), EpochOrder(made_lengths(95), 10, Generator(seed, 3))};
}

std::vector<Batch> take(EpochOrder& order, int n) {
  std::vector<Batch> batches;
  while (n-- > 0) batches.push_back(order.next());
  return batches;
}

StateDict through_a_file(const StateDict& state) {
  return parse_safetensors(serialize_safetensors({state, {}}), "state").tensors;
}

Tensor integer(std::int64_t value) { return full({}, value, DType::i64); }

}  // namespace

TEST_CASE("an epoch has every example once, the next one in another order", "[nn][data]") {
  for (EpochOrder& order : orders()) {
    CHECK(order.batches() == 10);
    std::vector<Batch> epochs(3);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      std::size_t smaller = 0;
      for (std::int64_t position = 0; position < 10; ++position) {
        CHECK(order.epoch() == epoch);
        CHECK(order.position() == position);
        const Batch batch = order.next();
        smaller += batch.size() == 5;
        CHECK((batch.size() == 10 || batch.size() == 5));
        Batch& all = epochs[to_size(epoch)];
        all.insert(all.end(), batch.begin(), batch.end());
      }
      CHECK(smaller == 1);
    }
    CHECK(epochs[0] != epochs[1]);
    Batch every(95);
    std::iota(every.begin(), every.end(), 0);
    for (Batch& epoch : epochs) {
      std::ranges::sort(epoch);
      CHECK(epoch == every);
    }
  }
}

TEST_CASE("batches of like lengths are those of bucket_batches, epoch after epoch", "[nn][data]") {
  const std::vector<PairLength> lengths = made_lengths(95);
  Generator generator(7, 3);
  EpochOrder order(lengths, 10, Generator(7, 3));
  for (int epoch = 0; epoch < 3; ++epoch) CHECK(take(order, 10) == bucket_batches(lengths, 10, generator));
}

TEST_CASE("a saved order goes on with the same batches, from any position", "[nn][data]") {
  for (std::size_t kind = 0; kind < 2; ++kind)
    for (int before = 0; before <= 21; ++before) {
      EpochOrder unbroken = orders()[kind];
      take(unbroken, before);
      const StateDict state = through_a_file(unbroken.state_dict());
      EpochOrder resumed = orders(99)[kind];  // another seed: the saved one counts
      take(resumed, 3);
      resumed.load_state_dict(state);
      CAPTURE(kind, before);
      CHECK(resumed.epoch() == before / 10);
      CHECK(resumed.position() == before % 10);
      for (const auto& [name, value] : resumed.state_dict()) {  // saved again at once, it is the same
        CAPTURE(name);
        CHECK(value.item<std::int64_t>() == state.at(name).item<std::int64_t>());
      }
      CHECK(take(resumed, 25) == take(unbroken, 25));
    }
}

TEST_CASE("resumed after 4 of 10 batches: 5 to 10, then all 10", "[nn][data]") {  // trap C4
  EpochOrder first(100, 10, Generator(5));
  std::vector<Batch> epoch = take(first, 4);
  EpochOrder resumed(100, 10, Generator(5));
  resumed.load_state_dict(through_a_file(first.state_dict()));
  CHECK(resumed.position() + 1 == 5);  // what a line shows with the next batch: 5/10
  CHECK(resumed.batches() == 10);
  int rest = 0, next = 0;
  for (; resumed.epoch() == 0; ++rest) epoch.push_back(resumed.next());
  for (; resumed.epoch() == 1; ++next) resumed.next();
  CHECK(rest == 6);
  CHECK(next == 10);
  Batch all;
  for (const Batch& batch : epoch) all.insert(all.end(), batch.begin(), batch.end());
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
  CHECK(all.size() == 100);
}

TEST_CASE("resumed after 2 of 5 steps of two batches each: 3 more, then all 5", "[nn][data]") {  // trap C4
  EpochOrder first(100, 10, Generator(5)), unbroken(100, 10, Generator(5));
  take(first, 4);
  take(unbroken, 4);
  EpochOrder resumed(100, 10, Generator(5));
  resumed.load_state_dict(through_a_file(first.state_dict()));
  for (const int steps : {3, 5}) {
    const std::int64_t epoch = resumed.epoch();
    int taken = 0;
    for (; resumed.epoch() == epoch; ++taken) CHECK(take(resumed, 2) == take(unbroken, 2));
    CHECK(taken == steps);
    CHECK(resumed.position() == 0);
  }
}

TEST_CASE("an order refuses what no run has saved, and stays as it was", "[nn][data]") {
  EpochOrder order(95, 10, Generator(7));
  take(order, 13);
  EpochOrder untouched = order;
  const StateDict good = order.state_dict();
  const auto refusal = [&](const std::string& name, const Tensor& value) {
    StateDict state = good;
    state[name] = value;
    return refused<FormatError>([&] { order.load_state_dict(state); });
  };
  const std::string who = "EpochOrder: load_state_dict: ";
  CHECK(refusal("position", integer(10)) == who + "position is 10, outside [0, 9]");
  CHECK(refusal("position", integer(-1)) == who + "position is -1, outside [0, 9]");
  CHECK(refusal("epoch", integer(-1)).starts_with(who + "epoch is -1, outside"));
  CHECK(refusal("epoch", integer(std::numeric_limits<std::int64_t>::max())).starts_with(who + "epoch is "));
  CHECK(refusal("counter", integer(-5)).starts_with(who + "counter is -5, outside"));
  CHECK(refusal("examples", integer(96)) ==
        who + "examples was 96, is 95 now: the data or the settings are not those that the state was saved with");
  CHECK(refusal("batch_size", integer(20)).starts_with(who + "batch_size was 20, is 10 now"));
  CHECK(refusal("position", full({}, 1)) == who + "position is not one i64 number");
  CHECK(refusal("position", full({1}, 1, DType::i64)) == who + "position is not one i64 number");
  CHECK(refusal("position", Tensor()) == who + "position is not one i64 number");
  CHECK(refusal("other", integer(1)) == who + "missing [], unexpected [other]");
  StateDict less = good;
  less.erase("seed");
  CHECK(refused<FormatError>([&] { order.load_state_dict(less); }) == who + "missing [seed], unexpected []");
  CHECK(take(order, 20) == take(untouched, 20));
}

TEST_CASE("an order needs examples and batches", "[nn][data]") {
  CHECK(refused<IndexError>([] { EpochOrder(0, 1, Generator(1)); }) ==
        "EpochOrder: 0 examples in batches of 1, expected both to be positive");
  CHECK_THROWS_AS(EpochOrder(5, 0, Generator(1)), IndexError);
  CHECK_THROWS_AS(EpochOrder(std::vector<PairLength>{}, 1, Generator(1)), IndexError);
  EpochOrder huge(5, std::numeric_limits<std::int64_t>::max(), Generator(1));
  CHECK(huge.batches() == 1);
  CHECK(huge.next().size() == 5);
  CHECK(huge.epoch() == 1);
}
