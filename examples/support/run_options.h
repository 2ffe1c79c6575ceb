// The flags of every program that computes something at random.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "examples/support/flags.h"

namespace heed::examples {

struct RunOptions {
  std::string json;  ///< empty: no report
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all processors
  bool quick = false, reproducible = false;
};

/// Adds --json, --seed, --threads, --quick, which is described by `quick`, and --reproducible.
void add_run_options(Flags& flags, RunOptions& options, const std::string& quick);

/// set_threads and set_reproducible, then `work`; Error that names the flags to make `smaller` when memory runs out.
void run_with(const RunOptions& options, std::string_view smaller, const std::function<void()>& work);

}  // namespace heed::examples
