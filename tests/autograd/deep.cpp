// Graphs as deep as memory allows: neither the walk nor the destruction may recurse.
#include <pthread.h>

#include "autograd/backward.h"
#include "autograd/elementwise.h"
#include "support/catch.h"
#include "tensor/create.h"

using namespace heed;

namespace {

constexpr int depth = 1'000'000;

// Builds the chain; walks it if asked to; gives the gradient back. The graph dies at the end.
double chain(bool walked) {
  const Variable x(tensor({1}, {1}, DType::f64), true);
  Variable y = x;
  for (int i = 0; i < depth; ++i) y = y + x;
  if (walked) backward(y);
  return walked ? x.grad().item() : 0;
}

}  // namespace

TEST_CASE("a chain of a million nodes, walked and not, on the main thread", "[engine][deep]") {
  CHECK(chain(true) == depth + 1);
  CHECK(chain(false) == 0);
}

TEST_CASE("a chain of a million nodes on a stack of 256 KiB", "[engine][deep]") {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  double found = 0;
  pthread_t thread;
  const auto body = [](void* result) -> void* {
    *static_cast<double*>(result) = chain(true);
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, body, &found) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
  CHECK(found == depth + 1);
}
