// One row measured: heed's program and the peer's take turns, so that both see the same machine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workloads/row.h"

namespace heed::bench {

struct Settings {
  int repetitions = 9;
  double seconds = 0.15;  ///< of a repetition
};

/// A way to run a program: what it is called with, and its name in the table.
struct Way {
  std::string name;
  std::vector<std::string> command;  ///< to which the row's name and the number of threads are added
};

/// Seconds a step.
struct Times {
  double median = 0, least = 0;  ///< over the repetitions
};

/// What was measured of one row with one number of threads; medians over the repetitions.
struct Measured {
  std::string row;
  int threads = 0;
  double fma_peak = 0;                              ///< FLOP/s of one thread
  double update_bandwidth = 0, read_bandwidth = 0;  ///< bytes/s of all threads, with as much memory as the row takes
  double floor = 0;
  Times heed;
  double heed_value = 0;  ///< the value of the tenth step, or the third where they are long
  struct Peer {
    std::string way;
    Times times;
    double value = 0;
    bool agrees = false;  ///< the values differ by at most 0.0001, and by that part of them where they exceed 1
  };
  std::optional<Peer> peer;
};

/// FLOPs of the products over the FMA peak of all threads, plus the optimizer's bytes (parameter, gradient, two moments
/// read; parameter and moments written) over the bandwidth of such an update, plus the bytes of weights read once over
/// the bandwidth of reading them.
double floor(const Costs& costs, const Measured& machine);

/// Of the peer's ways, if there are any, the one is measured that takes its first steps fastest.
Measured measure(const Row& row, int threads, const Way& heed, const std::vector<Way>& peers, const Settings& settings);

}  // namespace heed::bench
