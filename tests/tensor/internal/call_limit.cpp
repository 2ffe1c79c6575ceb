#include "heed/tensor/internal/call_limit.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support/catch.h"

using heed::CallLimit;

TEST_CASE("no more threads than the limit are inside, and every one gets its turn", "[tensor][blas]") {
  for (int most : {1, 3, 40}) {
    CallLimit limit(most);
    std::atomic<int> inside = 0, highest = 0, turns = 0;
    std::vector<std::thread> all;
    for (int i = 0; i < 50; ++i)
      all.emplace_back([&] {
        for (int j = 0; j < 20; ++j) {
          limit.enter();
          const int now = ++inside;
          for (int before = highest; now > before && !highest.compare_exchange_weak(before, now);) {
          }
          if (j % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));  // others come meanwhile
          --inside;
          ++turns;
          limit.leave();
        }
      });
    for (std::thread& thread : all) thread.join();
    INFO("at most " << most);
    CHECK(highest <= most);
    CHECK(turns == 1000);
  }
}
