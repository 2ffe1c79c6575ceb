// heed_workloads: measures whole workloads and prints them beside what the machine could do and what a peer does.
//   heed_workloads [flags]               see --help
//   heed_workloads --serve ROW THREADS   takes steps of one row, for the first form
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>

#include <CLI/CLI.hpp>

#include "heed/tensor/runtime.h"
#include "machine/speed.h"
#include "table/child.h"
#include "table/report.h"
#include "workloads/serve.h"

namespace heed::bench {
namespace {

struct Options {
  std::string rows = ".", json, peer;
  std::vector<int> threads = {1, 2};
  Settings settings;
  bool markdown = false;
};

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", std::gmtime(&now));
  return text;
}

// libtorch computes LSTMs by oneDNN unless told not to; and MKL has other kernels for Intel's processors than for
// AMD's.
std::vector<Way> ways_of(const std::string& peer, const std::string& processor) {
  if (peer.empty()) return {};
  std::vector<Way> ways = {{"as it comes", {peer}}, {"no oneDNN", {peer, "--no-onednn"}}};
  if (processor.find("AMD") != std::string::npos) {
    ways.push_back({"MKL's Intel path", {peer, "--intel-path"}});
    ways.push_back({"MKL's Intel path, no oneDNN", {peer, "--intel-path", "--no-onednn"}});
  }
  return ways;
}

Machine describe(const Options& options) {
  Machine machine{.processor = processor(),
                  .date = today(),
                  .blas = blas_description(),
                  .simd = simd_description(),
                  .peer = options.peer.empty() ? "" : first_line("'" + options.peer + "' --version"),
                  .fma_peak = fma_peak(),
                  .bandwidths = {}};
  for (const int threads : options.threads)
    machine.bandwidths.push_back(
        {threads, copy_bandwidth(std::size_t{256} << 20, threads), read_bandwidth(std::size_t{1} << 20, threads)});
  return machine;
}

int print_table(const Options& options) {
  const Machine machine = describe(options);
  std::cout << machine_text(machine) << header_text(options.markdown) << std::flush;
  const std::regex wanted(options.rows);
  const Way heed{"heed", {std::filesystem::read_symlink("/proc/self/exe").string()}};
  std::vector<Measured> measured;
  bool agree = true;
  for (const Row& row : rows()) {
    if (!std::regex_search(row.name, wanted)) continue;
    for (const int threads : options.threads) {
      measured.push_back(measure(row, threads, heed, ways_of(options.peer, machine.processor), options.settings));
      std::cout << row_text(measured.back(), options.markdown) << std::flush;
      agree = agree && (!measured.back().peer || measured.back().peer->agrees);
    }
  }
  if (measured.empty()) {
    std::cerr << "heed_workloads: --rows \"" << options.rows << "\" finds no row\n";
    return 2;
  }
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << json_text(machine, measured);
    if (!file.flush()) throw std::runtime_error("cannot write " + options.json);
  }
  return agree ? 0 : 1;
}

int run(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--serve") {
    set_threads(std::stoi(argv[3]));
    serve(argv[2]);
    return 0;
  }
  Options options;
  const std::filesystem::path beside =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "peers/heed_peer";
  if (std::filesystem::exists(beside)) options.peer = beside.string();
  CLI::App app("Workloads measured: floor, heed, peer; medians of repetitions in which they take turns.");
  app.add_option("--rows", options.rows, "only rows whose name this regular expression finds");
  app.add_option("--threads", options.threads, "numbers of threads")
      ->delimiter(',')
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--repetitions", options.settings.repetitions, "of each row")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", options.settings.seconds, "of each repetition")
      ->check(CLI::Range(0.001, 100.0))
      ->capture_default_str();
  app.add_option("--peer", options.peer, "the program to measure beside heed; \"\" for none")->capture_default_str();
  app.add_option("--json", options.json, "a file for the numbers; one that exists is replaced");
  app.add_flag("--markdown", options.markdown, "the table as Markdown");
  try {
    app.parse(argc, argv);
    return print_table(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::regex_error&) {
    std::cerr << "heed_workloads: --rows is no regular expression\n";
    return 2;
  }
}

}  // namespace
}  // namespace heed::bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that has ended is an error with a message
  try {
    return heed::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "heed_workloads: " << error.what() << '\n';
    return 1;
  }
}
