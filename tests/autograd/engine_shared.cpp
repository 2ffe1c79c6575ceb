// Traversals that meet: a traversal inside a rule of another one, and threads that share weights or whole graphs.
#include <array>
#include <atomic>
#include <functional>
#include <thread>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/internal/parallel.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/thread_count.h"

using namespace heed;
using namespace heed::test;

namespace {

Tensor f64(std::initializer_list<double> values, const Shape& shape) { return tensor(values, shape, DType::f64); }
std::vector<double> numbers(const Tensor& x) { return to_array(x).numbers; }
using List = std::vector<double>;

Variable layer(const Variable& x, const Variable& w) { return tanh(matmul(x, w)); }

// y = layer(x, w), computed again when its gradient is asked for. x is saved, nothing of the layer's inside is.
struct Checkpoint final : Rule<Checkpoint> {
  static constexpr std::string_view op = "checkpoint";
  Saved x{*this};
  Variable w;
  bool writes_leaves = false;
  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (std::is_same_v<V, Tensor>) {
      const Variable again(x.tensor(), true);
      if (!writes_leaves) {
        auto found = gradients(layer(again, w), {again, w}, dy);
        return {found[0], found[1]};
      }
      backward(layer(again, w), dy);
      return {again.grad(), Tensor()};
    } else {
      const Variable here = x.as<Variable>();
      auto found = recorded_gradients(layer(here, w), {here, w}, dy);
      return {found[0], found[1]};
    }
  }
};

Variable checkpoint(const Variable& x, const Variable& w, bool writes_leaves = false) {
  const Tensor y = layer(x.detach(), w.detach()).value();
  return record<Checkpoint>(y, {x, w}, [&](Checkpoint& rule) {
    rule.x.keep_input(0, x);
    rule.w = w;
    rule.writes_leaves = writes_leaves;
  });
}

// y = x; the gradient is whatever `body` makes of dy.
struct Calls final : Rule<Calls> {
  static constexpr std::string_view op = "calls";
  std::function<Tensor(const Tensor& dy)> body;
  template <class V>
  Grads<V> vjp(const V& dy) {
    if constexpr (std::is_same_v<V, Tensor>)
      return {body(dy)};
    else
      return {dy};
  }
};
Variable calls(const Variable& x, std::function<Tensor(const Tensor& dy)> body) {
  return record<Calls>(x.value(), {x}, [&](Calls& rule) { rule.body = std::move(body); });
}

// Runs body(0) … body(count - 1) in threads of their own, all begun before any goes on.
void in_threads(int count, const std::function<void(int)>& body) {
  std::atomic<int> ready = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      body(i);
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("a rule may compute a layer again and traverse it, though both traversals reach the same weight",
          "[engine]") {
  const bool writes_leaves = GENERATE(false, true);
  const Tensor x0 = f64({1, -2, 0.5, 3}, {2, 2}), w0 = f64({0.3, -0.2, 0.1, 0.4}, {2, 2});
  const auto run = [&](bool again) {
    const Variable x(x0, true), w(w0, true);
    Variable y = x * 0.5;  // the layers have a history to lead into
    for (int i = 0; i < 3; ++i) y = again ? checkpoint(y, w, writes_leaves) : layer(y, w);
    backward(sum(y * y));
    return std::array{x.grad(), w.grad()};
  };
  const auto wanted = run(false), got = run(true);
  CHECK(difference(got[0], to_array(wanted[0]), 16, 1) == "");
  CHECK(difference(got[1], to_array(wanted[1]), 16, 1) == "");
}

TEST_CASE("gradients of gradients through layers that are computed again", "[engine]") {
  const Tensor x0 = f64({1, -2, 0.5, 3}, {2, 2}), w0 = f64({0.3, -0.2, 0.1, 0.4}, {2, 2});
  const auto run = [&](bool again) {
    const Variable x(x0, true), w(w0, true);
    Variable y = x * 0.5;
    for (int i = 0; i < 2; ++i) y = again ? checkpoint(y, w) : layer(y, w);
    const Variable slope = recorded_gradients(sum(y * y), {x})[0];
    backward(sum(slope * slope));
    return std::array{x.grad(), w.grad()};
  };
  const auto wanted = run(false), got = run(true);
  CHECK(difference(got[0], to_array(wanted[0]), 64, 1) == "");
  CHECK(difference(got[1], to_array(wanted[1]), 64, 1) == "");
}

TEST_CASE("a rule may ask for the gradient of a layer at its own input, history and all", "[engine]") {
  const bool retain = GENERATE(false, true);
  const Variable x(f64({2}, {1}), true), w(f64({5}, {1}), true);
  const Variable h = exp(x * x);  // needs its saved tensors after the traversal inside
  const Variable y = calls(h, [&](const Tensor& dy) { return gradients(h * w, {h}, dy)[0]; }) * w;
  backward(y, {}, {.retain_graph = retain});
  CHECK(x.grad().item() == Approx(5 * 5 * h.item() * 4).epsilon(1e-14));
  CHECK(w.grad().item() == h.item());
}

TEST_CASE("a traversal inside a traversal may not use up what the outer one still needs", "[engine]") {
  const bool retain = GENERATE(false, true);
  const Variable x(f64({2}, {1}), true);
  const Variable h = exp(x * x);
  bool inside = true;
  const Variable y = calls(h, [&](const Tensor& dy) {
    if (inside) backward(h * 3.0, dy);
    return dy;
  });
  const std::string message = refused<GradError>([&] { backward(y, {}, {.retain_graph = retain}); });
  CHECK(message ==
        "backward: another traversal is running through this graph (at exp); traversals that share a graph must all "
        "retain it");
  CHECK(!x.grad().defined());
  CHECK(!y.node()->is_entered());
  CHECK(!h.node()->is_entered());
  inside = false;
  backward(y);  // neither traversal has used anything up
  CHECK(x.grad().item() == Approx(4 * h.item()).epsilon(1e-14));
}

TEST_CASE("retaining traversals may stand in one graph, one inside the other", "[engine]") {
  const Variable x(f64({2}, {1}), true);
  const Variable h = exp(x * x);
  const Variable y = calls(h, [&](const Tensor& dy) { return dy * gradients(h, {x}, {}, {.retain_graph = true})[0]; });
  const double slope = 4 * h.item();
  CHECK(gradients(y, {x}, {}, {.retain_graph = true})[0].item() == Approx(slope * slope).epsilon(1e-14));
  CHECK(!h.node()->is_entered());
  CHECK(gradients(h, {x})[0].item() == Approx(slope).epsilon(1e-14));
}

TEST_CASE("threads that share weights: every traversal succeeds, no update is lost", "[engine][threads]") {
  constexpr int threads = 8, traversals = 400;
  const Variable w(f64({0.3, -0.2, 0.1, 0.4}, {2, 2}), true), shared(f64({1, 1}, {2}), true);
  const auto loss = [&](int i) {
    const double scale = 1 + i % 3;
    Variable y = layer(Variable(f64({scale, -2, 0.5, 3}, {2, 2})), w);
    for (int depth = 0; depth < 4; ++depth) y = layer(y, w);
    return sum(y * y) + sum(shared * 3.0);
  };
  std::vector<Tensor> alone;
  for (int i = 0; i < 3; ++i) alone.push_back(gradients(loss(i), {w})[0]);
  std::atomic<int> wrong = 0, failed = 0;
  in_threads(threads, [&](int) {
    for (int i = 0; i < traversals; ++i) try {
        backward(loss(i));
        wrong += !same_bits(gradients(loss(i), {w})[0], alone[static_cast<std::size_t>(i % 3)]);
      } catch (const Error&) {
        ++failed;
      }
  });
  CHECK(failed == 0);
  CHECK(wrong == 0);
  CHECK(numbers(shared.grad()) == List{3.0 * threads * traversals, 3.0 * threads * traversals});
}

// No lock may be held while a loop runs: the loop waits for threads that wait for the lock, and the program stands
// still.
TEST_CASE("traversals in the chunks of a loop and a traversal beside them share a weight", "[engine][threads]") {
  const test::ThreadCount two(2);
  constexpr int traversals = 40;
  const Variable w(ones({400000}), true);
  w.set_grad(zeros({400000}));
  in_threads(2, [&](int thread) {
    if (thread == 0)
      for (int i = 0; i < 8 * traversals; ++i) backward(sum(w * 3.0));
    else
      for (int i = 0; i < traversals; ++i)
        parallel_chunks(8, 1, [&](std::int64_t, std::int64_t) { backward(sum(w * 2.0)); });
  });
  CHECK(same_bits(w.grad(), full({400000}, 5.0 * 8 * traversals)));
}

TEST_CASE("what no input lies behind is neither run nor used up", "[engine]") {
  const bool stops = GENERATE(false, true), recorded = GENERATE(false, true);
  const Variable x(f64({0.5}, {1}), true), w(f64({2}, {1}), true);
  const Variable h = exp(w), hx = exp(x);
  bool ran = false;
  const Variable beside = calls(h, [&](const Tensor& dy) {
    ran = true;
    return dy;
  });
  const Variable y = sum(hx * beside);
  if (recorded)
    CHECK(recorded_gradients(y, {hx}, {}, {.stop_at_inputs = stops})[0].item() == h.item());
  else
    CHECK(gradients(y, {hx}, {}, {.stop_at_inputs = stops})[0].item() == h.item());
  CHECK_FALSE(ran);
  backward(sum(beside) + sum(hx));
  CHECK(ran);
  CHECK(w.grad().item() == h.item());
  CHECK(x.grad().item() == hx.item());
}

TEST_CASE("the gradient at no input is no gradient, and uses nothing up", "[engine]") {
  const Variable w(f64({2}, {1}), true);
  const Variable y = exp(w);
  CHECK(gradients(y, {}).empty());
  backward(y);
  CHECK(w.grad().item() == y.item());
  CHECK_THROWS_AS(gradients(y, {}, zeros({3}, DType::f64)), ShapeError);
}

TEST_CASE("threads that retain one graph all get its gradient", "[engine][threads]") {
  const Variable x(f64({1, 2}, {2}), true);
  Variable deep = x;
  for (int i = 0; i < 60; ++i) deep = deep + x;
  const std::array<Variable, 2> ys{deep * 1.0, deep * 1.0};  // their own roots, one common graph
  std::atomic<int> failed = 0;
  in_threads(2, [&](int thread) {
    for (int i = 0; i < 1500; ++i) try {
        backward(ys[static_cast<std::size_t>(thread)], f64({1, 1}, {2}), {.retain_graph = true});
      } catch (const Error&) {
        ++failed;
      }
  });
  CHECK(failed == 0);
  CHECK(numbers(x.grad()) == List{61.0 * 3000, 61.0 * 3000});
}

TEST_CASE("threads that use one graph up: a GradError or the right sum", "[engine][threads]") {
  const Variable x(f64({3}, {1}), true);
  int done = 0;
  for (int trial = 0; trial < 300; ++trial) {
    Variable deep = x;
    for (int i = 0; i < 10; ++i) deep = deep * Variable(f64({1}, {1}));
    std::atomic<int> succeeded = 0, refused = 0;
    in_threads(2, [&](int thread) {
      try {
        backward(deep * 1.0, {}, {.retain_graph = thread == 1});
        ++succeeded;
      } catch (const GradError&) {
        ++refused;
      }
    });
    CHECK(succeeded + refused == 2);
    done += succeeded;
  }
  REQUIRE(done > 0);
  CHECK(x.grad().item() == done);
}
