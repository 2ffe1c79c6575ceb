// How claims about time measure it.
#pragma once

#include <functional>
#include <vector>

#include "heed/tensor/runtime.h"

namespace heed::examples {

/// Processor time of this program, which other programs do not lengthen; meaningful on one thread only.
double processor_seconds();

/// So many threads while it lives.
class ThreadCount {
 public:
  explicit ThreadCount(int count) { set_threads(count); }
  ~ThreadCount() { set_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_ = threads();
};

struct PassTimes {
  double least, median;
};

/// Runs each of `passes` once, then all of them in turn `repeats` times (1 or more), so that what else the machine does
/// meets all alike: seconds of each by `clock`.
std::vector<PassTimes> time_passes(const std::vector<std::function<void()>>& passes, int repeats, double (*clock)());

}  // namespace heed::examples
