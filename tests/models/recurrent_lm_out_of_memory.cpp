// Memory that runs out anywhere in a step of training is an exception, and nothing has changed: parameters, what the
// optimizer remembers, what is alive. The same step then gives the bits it would have given.
#ifndef HEED_PLAIN_MALLOC  // sanitizers have their own allocators

#include <algorithm>
#include <new>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/failing_allocations.h"

using namespace heed;
using test::same_bits;
using test::Shortage;

namespace {

struct Training {
  Generator weights{1};
  models::LstmLm model{{.vocabulary = 7, .embedding = 3, .hidden = 4, .layers = 2}, weights};
  nn::AdamW optimizer{nn::named_parameters(model), {.learning_rate = 0.01, .weight_decay = 0.1}};
  Tensor ids = tensor({0, 1, 2, 3, 4, 5, 6, 5, 4, 3}, {2, 5}, DType::i64);
  Tensor next = tensor({1, 2, 3, 4, 5, 5, 4, 3, 2, 1}, {2, 5}, DType::i64);

  explicit Training(int steps = 0) {
    for (int i = 0; i < steps; ++i) step();
    optimizer.zero_grad();
  }

  void step() {
    optimizer.zero_grad();
    backward(cross_entropy(model.forward(ids).logits, next));
    nn::clip_grad_norm(optimizer.parameters(), 0.01);
    optimizer.step();
  }

  // Copies of the numbers of the model and of the optimizer.
  nn::StateDict state() const {
    nn::StateDict all = nn::state_dict(model);
    for (auto& [name, x] : optimizer.state_dict()) all.emplace("optimizer." + name, x);
    for (auto& [name, x] : all) x = x.clone();
    return all;
  }
};

bool equal_bits(const nn::StateDict& a, const nn::StateDict& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first && same_bits(x.second, y.second); });
}

// True when the step ran out of memory.
bool runs_out(Training& training) {
  try {
    training.step();
    return false;
  } catch (const MemoryError&) {
  } catch (const std::bad_alloc&) {
  }
  return true;
}

// A training of `steps` steps whose next one runs out of memory at the n-th allocation, for n = 1, 2, … until a step
// has fewer. How many there were.
int check_places(int steps, Shortage shortage) {
  const nn::StateDict before = Training(steps).state(), after = Training(steps + 1).state();
  for (int n = 1;; ++n) {
    CAPTURE(steps, n, shortage == Shortage::lasting);
    Training training(steps);
    const std::size_t bytes = memory_stats().live_bytes;
    const std::int64_t allocations = test::live_allocations();
    bool threw = false, failed = false;
    {
      const test::FailingAllocation failing(n, shortage);
      threw = runs_out(training);
      failed = failing.failed();
    }
    REQUIRE(threw == failed);
    if (!failed) {
      CHECK(equal_bits(training.state(), after));
      return n - 1;
    }
    training.optimizer.zero_grad();
    CHECK(test::live_allocations() == allocations);
    CHECK(memory_stats().live_bytes == bytes);
    REQUIRE(equal_bits(training.state(), before));
    training.step();
    REQUIRE(equal_bits(training.state(), after));
  }
}

}  // namespace

TEST_CASE("memory that runs out anywhere in a step of training changes nothing", "[models][recurrent_lm]") {
  Training(2);  // what is made once, and stays
  for (const Shortage shortage : {Shortage::once, Shortage::lasting}) {
    CHECK(check_places(0, shortage) > 150);  // the first step, in which the optimizer begins to remember
    CHECK(check_places(1, shortage) > 150);
  }
}

#endif
