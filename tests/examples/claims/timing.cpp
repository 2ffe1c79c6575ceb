#include "examples/claims/timing.h"

#include "examples/claims/extremes.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

namespace {

double clock_now = 0;  // moved by the passes themselves: no test depends on a time

}  // namespace

TEST_CASE("claims: passes are timed in turn, after one that is not", "[claims]") {
  std::vector<int> order;
  int calls = 0;
  const auto pass = [&](int which, double first, double step) {
    return [&, which, first, step]() mutable {
      order.push_back(which);
      clock_now += first;
      first -= step;
      ++calls;
    };
  };
  // 100 is the pass that warms up, then 90, 80 and 70; the other always takes 5.
  const std::vector<PassTimes> times = time_passes({pass(0, 100, 10), pass(1, 5, 0)}, 3, [] { return clock_now; });
  CHECK(order == std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1});
  CHECK(calls == 8);
  CHECK(times[0].least == 70);
  CHECK(times[0].median == 80);
  CHECK(times[1].least == 5);
  CHECK(times[1].median == 5);
}

TEST_CASE("claims: a count of threads ends with its scope", "[claims]") {
  const int before = threads();
  {
    const ThreadCount two(2);
    CHECK(threads() == 2);
    const ThreadCount one(1);
    CHECK(threads() == 1);
  }
  CHECK(threads() == before);
}

TEST_CASE("claims: an extreme of what is no number is none", "[claims]") {
  CHECK(larger(1, 2) == 2);
  CHECK(larger(2, 1) == 2);
  CHECK(smaller(1, 2) == 1);
  CHECK(smaller(2, 1) == 1);
  CHECK(std::isnan(larger(NAN, 1)));
  CHECK(std::isnan(larger(1, NAN)));
  CHECK(std::isnan(smaller(NAN, 1)));
  CHECK(std::isnan(smaller(1, NAN)));
}
