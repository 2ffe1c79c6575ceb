#include "examples/claims/timing.h"

#include <algorithm>
#include <ctime>

namespace heed::examples {

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::vector<PassTimes> time_passes(const std::vector<std::function<void()>>& passes, int repeats, double (*clock)()) {
  for (const auto& pass : passes) pass();
  std::vector<std::vector<double>> seconds(passes.size());
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const double start = clock();
      passes[i]();
      seconds[i].push_back(clock() - start);
    }
  std::vector<PassTimes> times;
  for (std::vector<double>& all : seconds) {
    std::ranges::sort(all);
    times.push_back({all.front(), all[all.size() / 2]});
  }
  return times;
}

}  // namespace heed::examples
