#include "examples/claims/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>

#include "examples/claims/runner.h"
#include "examples/support/attention_file.h"
#include "examples/support/distinct_files.h"
#include "examples/support/flags.h"
#include "examples/support/json_report.h"
#include "examples/support/program.h"
#include "examples/support/run_options.h"
#include "examples/support/write_file.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

struct ClaimsOptions : RunOptions {
  std::vector<std::string> ids;
  std::string out, attention;
  bool list = false;
};

void add_options(Flags& flags, ClaimsOptions& o) {
  flags.add_texts("ids", o.ids, "ID", "claims to run, such as P-04 (default: all)");
  flags.add_switch("--list", o.list, "print every claim and run none");
  flags.add_text("--out", o.out, "DIR", "write pictures to DIR, as ID.svg");
  add_run_options(flags, o, "smaller experiments, in seconds");
}

void check_list_flags(const Flags& flags) {
  for (const char* name : {"--quick", "--out", "--attention", "--json", "--seed", "--threads", "--reproducible"})
    if (flags.given(name)) throw FormatError(fmt::format("{} has no use with --list", name));
}

// Pictures are checked whether or not a claim will have one: nobody's own file is replaced after minutes of work.
void check_files(const ClaimsOptions& options, const std::vector<Claim>& claims) {
  std::vector<NamedFile> pictures, outputs;
  if (!options.out.empty())
    for (const Claim& claim : claims)
      pictures.push_back({claim.id + ".svg of --out " + options.out, fs::path(options.out) / (claim.id + ".svg")});
  outputs = pictures;
  if (!options.json.empty()) outputs.push_back({"--json " + options.json, options.json});
  list_attention_file(options.attention, outputs);
  check_distinct({}, outputs);
  if (!options.out.empty()) {
    std::error_code reason;
    fs::create_directories(options.out, reason);
    if (reason) throw IoError(fmt::format("{}: cannot be a folder for results: {}", options.out, reason.message()));
  }
  for (const NamedFile& output : outputs) check_writable(output.path);
  if (!options.json.empty()) check_replaceable_report(options.json);
  for (const NamedFile& picture : pictures)
    if (is_replaced(picture.path)) nn::check_replaceable_picture(picture.path);
  check_attention_file(options.attention);
}

void run_and_report(const std::string& program, const ClaimsOptions& options, const std::vector<Claim>& claims) {
  const double start = now();
  const ClaimsOutcome outcome = run_claims(claims, {.seed = options.seed, .quick = options.quick}, options.out,
                                           std::cout, nn::inspect_terminal(1));
  const double seconds = now() - start;
  if (!options.attention.empty() && outcome.attention.empty())
    std::cout << fmt::format("none of these claims attends: {} is not written\n", nn::printable(options.attention));
  write_attention_file(options.attention,
                       {.title = program + ": where each mechanism looked", .maps = outcome.attention}, std::cout);
  std::cout << fmt::format("{} of {} claims hold; seed {}, {} threads, {:.1f} s\n",
                           claims.size() - outcome.failed.size(), claims.size(), options.seed, threads(), seconds)
            << std::flush;
  if (!options.json.empty())
    write_json_report(options.json,
                      {.program = program, .seed = options.seed, .seconds = seconds, .metrics = outcome.metrics});
  if (!outcome.failed.empty())
    throw Error(fmt::format("not every criterion holds: {}", fmt::join(outcome.failed, ", ")));
}

}  // namespace

void run_claims_program(const ClaimsProgram& program, int argc, char** argv) {
  ClaimsOptions options;
  Flags flags(program.name, program.description +
                                ". Each prints what it measures, what is demanded,\n"
                                "and whether that holds; the exit code is 1 when something does not.");
  add_options(flags, options);
  if (program.attention) add_attention_flag(flags, options.attention);
  if (!flags.parse(argc, argv)) return;
  if (options.list) check_list_flags(flags);
  flags.check_named({"--out", "--json", "--attention"});
  const std::vector<Claim> claims = select_claims(program.claims, options.ids);
  if (options.list) return list_claims(claims, std::cout);
  check_files(options, claims);
  run_with(options, "experiment with --quick", [&] { run_and_report(program.name, options, claims); });
}

}  // namespace heed::examples
