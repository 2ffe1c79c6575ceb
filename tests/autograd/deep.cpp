// Graphs as deep as memory allows: a chain of a million nodes is built, traversed and destroyed without recursion, on
// the main thread and on one with a stack of 256 KiB.
#include <pthread.h>

#include <exception>
#include <functional>

#include "heed/autograd/backward.h"
#include "heed/autograd/inspect/dump.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "support/catch.h"

using namespace heed;

namespace {

constexpr int depth = 1'000'000;

Variable leaf() { return Variable(zeros({}, DType::f64), true); }

Variable chain(const Variable& x) {
  Variable y = x;
  for (int i = 0; i < depth; ++i) y = y + x;
  return y;
}

double traversed() {
  const Variable x = leaf();
  backward(chain(x));
  return x.grad().item();
}

double walked_recorded() {
  const Variable x = leaf();
  return recorded_gradients(chain(x), {x})[0].item();
}

void run_with_small_stack(std::function<void()> body) {
  struct Task {
    std::function<void()> body;
    std::exception_ptr error;
  } task{std::move(body), nullptr};
  const auto entry = [](void* argument) -> void* {
    Task& given = *static_cast<Task*>(argument);
    try {
      given.body();
    } catch (...) {
      given.error = std::current_exception();
    }
    return nullptr;
  };
  pthread_attr_t attributes;
  pthread_t thread;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  REQUIRE(pthread_create(&thread, &attributes, entry, &task) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  REQUIRE(pthread_attr_destroy(&attributes) == 0);
  if (task.error) std::rethrow_exception(task.error);
}

}  // namespace

TEST_CASE("a chain of a million nodes on the main thread", "[engine][deep]") {
  CHECK(traversed() == depth + 1);
  CHECK(chain(leaf()).requires_grad());  // and gone again, without a traversal
}

TEST_CASE("a chain of a million nodes on a stack of 256 KiB", "[engine][deep]") {
  double plain = 0, recorded = 0;
  bool unused = false;
  run_with_small_stack([&] {
    plain = traversed();
    recorded = walked_recorded();
    unused = chain(leaf()).requires_grad();
  });
  CHECK(plain == depth + 1);
  CHECK(recorded == depth + 1);
  CHECK(unused);
}

TEST_CASE("a deep graph is dumped on a stack of 256 KiB", "[dump][deep]") {
  std::string text;
  run_with_small_stack([&] {
    Variable y = leaf();
    for (int i = 0; i < 20000; ++i) y = -y;
    text = dump(y);
  });
  CHECK(text.ends_with("%19999 neg f64 [] <- %20000\n%20000 leaf f64 []\n"));
}
