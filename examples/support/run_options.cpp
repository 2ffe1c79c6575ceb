#include "examples/support/run_options.h"

#include <fmt/format.h>

#include <limits>
#include <new>

#include "examples/support/flags.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {

void add_run_options(CLI::App& app, RunOptions& o, const std::string& quick) {
  app.add_option("--json", o.json, "write what was measured to FILE")->type_name("FILE");
  add_number(app, "--seed", o.seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(),
             "seed of everything random")
      ->default_str(fmt::to_string(o.seed));
  add_number(app, "--threads", o.threads, 1, 64, "threads (default: all processors)");
  app.add_flag("--quick", o.quick, quick)->disable_flag_override();
  app.add_flag("--reproducible", o.reproducible, "the same bits on every processor with FMA, a little slower")
      ->disable_flag_override();
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
