// Races planted for ThreadSanitizer: the tests of the preset tsan expect it to report both, and nothing without them.
#include <heed.h>

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <thread>

#include "heed/tensor/internal/parallel.h"

using namespace heed;

namespace {

// Two chunks of one loop add to the same number.
std::int64_t race_of_chunks() {
  std::int64_t total = 0;
  parallel_chunks(100, 10, [&](std::int64_t begin, std::int64_t end) { total += end - begin; });
  return total;
}

// Two threads change one tensor in place.
double race_on_a_tensor() {
  Tensor x = zeros({1000});
  std::thread other([&] { fill(x, 1); });
  fill(x, 2);
  other.join();
  return x.data<float>()[0];
}

double no_race() {
  const Tensor x = ones({1000, 100});
  double total = 0;
  std::thread other([&] { total = sum(x).item(); });
  const double mine = reduce_chunks(
      100, 10, 0.0, [](std::int64_t begin, std::int64_t end) { return static_cast<double>(end - begin); },
      [](double a, double b) { return a + b; });
  other.join();
  return total + mine;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view which = argc > 1 ? argv[1] : "";
  set_threads(4);
  double result = 0;
  if (which == "chunks")
    result = static_cast<double>(race_of_chunks());
  else if (which == "tensor")
    result = race_on_a_tensor();
  else
    result = no_race();
  std::printf("%g\n", result);
}
