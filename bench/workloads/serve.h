// What a program that is measured does, heed's and the peer's alike: for each number of steps on standard input it
// takes that many and answers with the seconds they took and the value of the last.
#pragma once

#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>

#include "workloads/row.h"

namespace heed::bench {

/// Serves the row of this name until the input ends. std::runtime_error when there is none.
inline void serve(const std::string& name) {
  for (const Row& row : rows()) {
    if (row.name != name) continue;
    const Step step = row.prepare();
    for (int steps; std::cin >> steps;) {
      double value = 0;
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < steps; ++i) value = step();
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      std::printf("%.9g %.9g\n", seconds.count(), value);
      std::fflush(stdout);
    }
    return;
  }
  throw std::runtime_error("no row is called '" + name + "'");
}

}  // namespace heed::bench
