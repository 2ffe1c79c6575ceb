// attention_grid: every score with every align on small tasks, in one table each (after the tables in Luong's thesis of
// 2016), and whether those that should find the answer do.
//
// Results go to standard output. The exit code is 0 when all criteria hold, 1 when one does not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "examples/attention_grid/grid.h"
#include "examples/support/flags.h"
#include "examples/support/json_report.h"
#include "examples/support/program.h"
#include "examples/support/run_options.h"
#include "examples/support/write_file.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

struct GridOptions : RunOptions {
  GridChoice choice;
};

void add_options(Flags& flags, GridOptions& o) {
  flags.add_texts("--task", o.choice.tasks, "NAME", "tasks (default: all): recall, swap, needle");
  flags.add_texts("--query", o.choice.queries, "NAME",
                  "who asks (default: all): question, text (recall); state, previous state (swap); learned (needle)");
  flags.add_texts("--score", o.choice.scores, "NAME",
                  "scores, the rows (default: all): " + fmt::format("{}", fmt::join(score_names(), ", ")));
  flags.add_texts("--align", o.choice.aligns, "NAME",
                  "aligns, the columns (default: all): " + fmt::format("{}", fmt::join(align_names(), ", ")));
  flags.add_number("--limit", o.choice.seconds, 1, 1e6, "seconds that one cell may take");
  add_run_options(flags, o, "five scores and five aligns on recall and needle, in seconds");
}

void work(const GridOptions& o) {
  const double start = now();
  const GridOutcome outcome = run_grid(o.choice, std::cout);
  const double seconds = now() - start;
  for (const Criterion& c : outcome.criteria)
    std::cout << fmt::format("{}  {}: {:.4g} ({})\n", c.holds() ? "pass" : "FAIL", c.measured, c.value, bounds_text(c));
  const auto held = std::ranges::count_if(outcome.criteria, &Criterion::holds);
  std::cout << fmt::format("{} of {} criteria hold; seed {}, {} threads, {:.1f} s\n", held, outcome.criteria.size(),
                           o.seed, threads(), seconds)
            << std::flush;
  if (!o.json.empty())
    write_json_report(o.json,
                      {.program = "attention_grid", .seed = o.seed, .seconds = seconds, .metrics = outcome.metrics});
  if (held < std::ssize(outcome.criteria))
    throw Error(fmt::format("{} criteria do not hold", std::ssize(outcome.criteria) - held));
}

void run(int argc, char** argv) {
  Flags flags("attention_grid",
              "Trains every attention score with every align on small tasks and prints a table for each task and\n"
              "source of queries. '-' do not go together; 'refused', 'diverged' and 'time' did not end well.");
  GridOptions options;
  add_options(flags, options);
  if (!flags.parse(argc, argv)) return;
  options.choice.seed = options.seed;
  options.choice.quick = options.quick;
  options.choice = complete(std::move(options.choice));
  const auto asked = [&](const GridTask& task) {
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
    return has(options.choice.tasks, task.name) && has(options.choice.queries, task.query);
  };
  if (std::ranges::none_of(grid_tasks(), asked)) throw FormatError("no --task of these has such a --query");
  flags.check_named({"--json"});
  if (!options.json.empty()) {
    check_writable(options.json);
    check_replaceable_report(options.json);
  }
  run_with(options, "grid with --quick", [&] { work(options); });
}

}  // namespace
}  // namespace heed::examples

int main(int argc, char** argv) {
  return heed::examples::run_program("attention_grid", heed::examples::run, argc, argv);
}
