#include "examples/claims/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <limits>

#include "examples/claims/runner.h"
#include "examples/support/distinct_files.h"
#include "examples/support/flags.h"
#include "examples/support/json_report.h"
#include "examples/support/program.h"
#include "examples/support/write_file.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

struct ClaimsOptions {
  std::vector<std::string> ids;
  std::string out, json;
  ClaimSettings settings;
  int threads = 0;  // 0: all processors
  bool list = false, reproducible = false;
};

void add_options(CLI::App& app, ClaimsOptions& o) {
  app.add_option("ids", o.ids, "claims to run, such as P-04 (default: all)")->type_name("ID");
  app.add_flag("--list", o.list, "print every claim and run none")->disable_flag_override();
  app.add_flag("--quick", o.settings.quick, "smaller experiments, in seconds")->disable_flag_override();
  app.add_option("--out", o.out, "write pictures to DIR, as ID.svg")->type_name("DIR");
  app.add_option("--json", o.json, "write what was measured to FILE")->type_name("FILE");
  add_number(app, "--seed", o.settings.seed, std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(),
             "seed of everything random")
      ->default_str("1");
  add_number(app, "--threads", o.threads, 1, 64,
             "threads (default: all processors); P-11 measures one thread, whatever this says");
  app.add_flag("--reproducible", o.reproducible, "the same bits on every processor with FMA, a little slower")
      ->disable_flag_override();
}

void check_list_flags(const CLI::App& app) {
  for (const char* name : {"--quick", "--out", "--json", "--seed", "--threads", "--reproducible"})
    if (app.count(name) > 0) throw FormatError(fmt::format("{} has no use with --list", name));
}

// Pictures are checked whether or not a claim will have one: nobody's own file is replaced after minutes of work.
void check_files(const ClaimsOptions& options, const std::vector<Claim>& claims) {
  std::vector<NamedFile> pictures, outputs;
  if (!options.out.empty())
    for (const Claim& claim : claims)
      pictures.push_back({claim.id + ".svg of --out " + options.out, fs::path(options.out) / (claim.id + ".svg")});
  outputs = pictures;
  if (!options.json.empty()) outputs.push_back({"--json " + options.json, options.json});
  check_distinct({}, outputs);
  if (!options.out.empty()) {
    std::error_code reason;
    fs::create_directories(options.out, reason);
    if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", options.out, reason.message()));
  }
  for (const NamedFile& output : outputs) check_writable(output.path);
  for (const NamedFile& picture : pictures)
    if (is_replaced(picture.path)) nn::check_replaceable_picture(picture.path);
}

}  // namespace

void run_claims_program(const std::vector<Claim>& all, int argc, char** argv) {
  ClaimsOptions options;
  CLI::App app{
      "Runs experiments on what papers claim of sequence models. Each prints what it measures, what the claim "
      "demands,\n"
      "and whether that holds; the exit code is 1 when something does not."};
  app.name("claims");
  add_options(app, options);
  if (!parse_flags(app, argc, argv)) return;
  if (options.list) check_list_flags(app);
  for (const char* name : {"--out", "--json"})
    if (app.count(name) > 0 && app.get_option(name)->as<std::string>().empty())
      throw FormatError(fmt::format("{}: no name", name));
  const std::vector<Claim> claims = select_claims(all, options.ids);
  if (options.list) return list_claims(claims, std::cout);
  check_files(options, claims);
  if (options.threads > 0) set_threads(options.threads);
  if (options.reproducible) set_reproducible(true);

  const double start = now();
  const ClaimsOutcome outcome = run_claims(claims, options.settings, options.out, std::cout);
  const double seconds = now() - start;
  std::cout << fmt::format("{} of {} claims hold; seed {}, {} threads, {:.1f} s\n",
                           claims.size() - outcome.failed.size(), claims.size(), options.settings.seed, threads(),
                           seconds)
            << std::flush;
  if (!options.json.empty())
    write_json_report(
        options.json,
        {.program = "claims", .seed = options.settings.seed, .seconds = seconds, .metrics = outcome.metrics});
  if (!outcome.failed.empty())
    throw Error(fmt::format("not every criterion holds: {}", fmt::join(outcome.failed, ", ")));
}

}  // namespace heed::examples
