// The table as text or Markdown, and all of it as JSON.
#pragma once

#include <string>
#include <vector>

#include "table/measure.h"

namespace heed::bench {

struct Machine {
  std::string processor, date, blas, simd, peer;  ///< peer: "" when there is none
  double fma_peak = 0;                            ///< FLOP/s of one thread
  struct Bandwidths {
    int threads = 0;
    double memory_copy = 0, cache_read = 0;  ///< bytes/s: copying 256 MiB; reading 1 MiB
  };
  std::vector<Bandwidths> bandwidths;
};

/// Lines about the machine.
std::string machine_text(const Machine& machine);

/// The table's first lines; what one row looks like in it.
std::string header_text(bool markdown);
std::string row_text(const Measured& row, bool markdown);

std::string json_text(const Machine& machine, const std::vector<Measured>& rows);

}  // namespace heed::bench
