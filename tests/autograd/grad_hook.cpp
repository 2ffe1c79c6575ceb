// Hooks on leaves: called while the graph still runs, with a gradient that is complete.
#include <atomic>
#include <string>
#include <thread>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::test;

namespace {

using List = std::vector<double>;
List numbers(const Tensor& x) { return to_array(x).numbers; }

struct Noted final : Rule<Noted> {  // y = x, noting when its gradient is asked for
  static constexpr std::string_view op = "noted";
  std::string* log = nullptr;
  char letter = 0;
  template <class V>
  Grads<V> vjp(const V& dy) {
    *log += letter;
    return {dy};
  }
};
Variable noted(const Variable& x, std::string& log, char letter) {
  return record<Noted>(x.value(), {x}, [&](Noted& rule) {
    rule.log = &log;
    rule.letter = letter;
  });
}

}  // namespace

TEST_CASE("a leaf's hook is called as soon as its gradient is complete", "[engine][hook]") {
  std::string log;
  const Variable first(tensor({1, 2}, {2}), true), shared(tensor({3, 4}, {2}), true), last(tensor({5, 6}, {2}), true);
  first.set_grad_hook([&](Tensor&) { log += '1'; });
  shared.set_grad_hook([&](Tensor& gradient) {
    log += '2';
    CHECK(numbers(gradient) == List{1 * 5 + 1 * 3 * 5 + 1 * 3 * 5, 2 * 6 + 2 * 4 * 6 + 2 * 4 * 6});
    CHECK(!shared.grad().defined());
  });
  last.set_grad_hook([&](Tensor&) { log += '3'; });
  // Used twice, with a rule in between: its gradient is complete behind the second.
  Variable y = noted(first, log, 'a') * (shared + 1.0);
  y = noted(y * shared, log, 'b') * last;
  y = sum(noted(y, log, 'c'));
  backward(y);
  CHECK(log == "c3b2a1");
  CHECK(numbers(last.grad()) == List{1 * 4 * 3, 2 * 5 * 4});
}

TEST_CASE("what a hook leaves is what the leaf gets", "[engine][hook]") {
  const Variable x(tensor({1, 2}, {2}), true);
  Tensor seen;
  x.set_grad_hook([&](Tensor& gradient) {
    fill(gradient, 7);
    seen = gradient;
  });
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(numbers(x.grad()) == List{7, 7});
  seen = Tensor();
  x.set_grad({});
  const std::byte* block = nullptr;
  x.set_grad_hook([&](Tensor& gradient) { block = gradient.storage()->data(); });
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(x.grad().storage()->data() == block);  // a reduction that still runs writes into grad() itself
  x.set_grad_hook([](Tensor& gradient) { gradient = gradient * 2.0; });
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(numbers(x.grad()) == List{9, 9});
  x.set_grad_hook({});
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(numbers(x.grad()) == List{12, 12});

  Tensor dy = tensor({1, 1}, {2});
  x.set_grad_hook([](Tensor& gradient) { fill(gradient, 0); });
  backward(identity(x), dy);  // the gradient is dy itself until a hook may write to it
  CHECK(numbers(dy) == List{1, 1});
}

TEST_CASE("a gradient that a hook keeps is grad() itself", "[engine][hook]") {
  const Variable x(tensor({1, 2}, {2}), true);
  Tensor kept;
  x.set_grad_hook([&](Tensor& gradient) { kept = gradient; });
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(kept.storage().get() == x.grad().storage().get());
  fill(kept, 8);  // what still runs writes into grad()
  CHECK(numbers(x.grad()) == List{8, 8});
  backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(kept.storage().get() == x.grad().storage().get());
  CHECK(numbers(x.grad()) == List{11, 11});
  // What a hook puts in its place stays the hook's own.
  const Tensor own = tensor({1, 1}, {2});
  x.set_grad({});
  x.set_grad_hook([&](Tensor& gradient) { gradient = own; });
  for (int i = 0; i < 2; ++i) backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(numbers(x.grad()) == List{2, 2});
  CHECK(numbers(own) == List{1, 1});
}

TEST_CASE("a hook may take itself away, or put another in its place", "[engine][hook]") {
  const Variable x(tensor({1, 2}, {2}), true);
  const std::vector<double> captured(100, 5);  // lives in the hook
  double seen = 0;
  x.set_grad_hook([&seen, &x, captured](Tensor&) {
    x.set_grad_hook([&seen](Tensor&) { seen += 1000; });
    seen += captured[99];
  });
  for (int i = 0; i < 2; ++i) backward(x * 3.0, tensor({1, 1}, {2}));
  CHECK(seen == 1005);
}

TEST_CASE("threads add to a leaf that has a hook", "[engine][hook][threads]") {
  const Variable x(ones({64}), true);
  std::atomic<int> calls = 0;
  x.set_grad_hook([&](Tensor& gradient) {
    ++calls;
    fill(gradient, 1);
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) backward(sum(x * 2.0));
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(calls == 200);
  CHECK(numbers(x.grad()) == List(64, 200));
}

TEST_CASE("a hook that fails, or leaves what does not fit, changes no leaf", "[engine][hook]") {
  const Variable x(tensor({1, 2}, {2}), true), w(tensor({1, 2}, {2}), true);
  const auto run = [&] { backward(x * w, tensor({1, 1}, {2})); };
  w.set_grad_hook([](Tensor&) { throw std::runtime_error("stop"); });
  CHECK_THROWS_AS(run(), std::runtime_error);
  w.set_grad_hook([](Tensor& gradient) { gradient = zeros({3}); });
  CHECK(refused<GradError>(run).find("grad hook") != std::string::npos);
  w.set_grad_hook([](Tensor& gradient) { gradient = Tensor(); });
  CHECK_THROWS_AS(run(), GradError);
  w.set_grad_hook([](Tensor& gradient) { gradient = to(gradient, DType::f64); });
  CHECK_THROWS_AS(run(), GradError);
  CHECK(!x.grad().defined());
  CHECK(!w.grad().defined());
  CHECK_THROWS_AS((x * w).set_grad_hook({}), GradError);
  CHECK_THROWS_AS(Variable(zeros({1})).set_grad_hook({}), GradError);
}

TEST_CASE("gradients() calls no hook", "[engine][hook]") {
  const Variable x(tensor({1, 2}, {2}), true);
  bool called = false;
  x.set_grad_hook([&](Tensor&) { called = true; });
  gradients(sum(x * x), {x});
  recorded_gradients(sum(x * x), {x});
  CHECK(!called);
}

TEST_CASE("adding to a leaf's gradient holds the old one and the new one, no third", "[engine][memory]") {
  constexpr std::int64_t n = 1 << 20;  // 4 MiB
  const Variable x(ones({n}), true);
  const Tensor dy = ones({n});
  backward(x * 2.0, dy);
  Variable y = x * 2.0;
  reset_peak_memory();
  const std::size_t before = memory_stats().live_bytes;
  backward(y, dy);
  const std::size_t most = memory_stats().peak_bytes - before;
  CHECK(most >= 4 * n);
  CHECK(most < 6 * n);
  CHECK(x.grad().numel() == n);
}
