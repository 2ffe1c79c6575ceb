#include "examples/support/run_options.h"

#include <fmt/format.h>

#include <limits>
#include <new>

#include "examples/support/flags.h"
#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

void add_run_options(Flags& flags, RunOptions& o, const std::string& quick) {
  flags.add_text("--json", o.json, "FILE", "write what was measured to FILE");
  flags.add_number("--seed", o.seed, 0, std::numeric_limits<std::uint64_t>::max(), "seed of everything random");
  flags.add_number("--threads", o.threads, 1, 64, "threads (default: all processors)");
  flags.add_switch("--quick", o.quick, quick);
  flags.add_switch("--reproducible", o.reproducible, "the same bits on every processor with FMA, a little slower");
}

void run_with(const RunOptions& options, std::string_view smaller, const std::function<void()>& work) {
  if (options.threads > 0) set_threads(options.threads);
  if (options.reproducible) set_reproducible(true);
  try {
    work();
  } catch (const MemoryError& error) {
    throw Error(fmt::format("{}: try a smaller {}", error.what(), smaller));
  } catch (const std::bad_alloc&) {
    throw Error(fmt::format("not enough memory: try a smaller {}", smaller));
  }
}

}  // namespace heed::examples
