// What a training writes down: JSON lines and TensorBoard's files, which say the same as the program's result.
#include <nlohmann/json.hpp>
#include <sstream>

#include "examples/program.h"
#include "support/event_records.h"

using namespace heed::test;
namespace fs = std::filesystem;

namespace {

const std::string flags =
    " --progress off --hidden 8 --batch 4 --length 16 --steps 20 --out out --log log.jsonl --tensorboard curves "
    "--log-every 5 --ckpt-every 10 --json r.json";

std::vector<nlohmann::json> records(const TemporaryFolder& folder) {
  std::istringstream lines(read_bytes(folder.path() / "work" / "log.jsonl"));
  std::vector<nlohmann::json> all;
  for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
  return all;
}

Outcome timeseries(const TemporaryFolder& folder, const std::string& more) {
  return run(folder, flags + more, "", "timeseries");
}

}  // namespace

TEST_CASE("logs of a training hold its losses, and go on when it does", "[programs]") {
  const TemporaryFolder folder;
  const Outcome outcome = timeseries(folder, "");
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const std::vector<nlohmann::json> all = records(folder);
  REQUIRE(all.size() == 1 + 4 + 20);  // the run, every fifth step, a validation after every step
  CHECK(all[0]["run"]["program"] == "timeseries");
  CHECK(all[0]["run"]["steps"] == 20);
  std::vector<int> steps;
  double lowest = 1e9;
  for (const auto& record : all) {
    if (record.contains("run")) continue;
    CHECK_FALSE(record.contains("epoch"));
    if (record["split"] == "train") {
      steps.push_back(record["step"]);
      CHECK(record["loss"] > 0);
      CHECK(record["gradient_norm"] > 0);
    } else {
      lowest = std::min(lowest, record["loss"].get<double>());
    }
  }
  CHECK(steps == std::vector<int>{5, 10, 15, 20});
  const auto report = nlohmann::json::parse(read_bytes(folder.path() / "work" / "r.json"));
  CHECK(report["metrics"]["valid_loss"] == lowest);

  // A new run does not write over the log; one that goes on writes behind it, in a new file of events.
  check_refused(timeseries(folder, ""), 2, "log.jsonl: is there already", "timeseries");
  REQUIRE(timeseries(folder, " --resume out/checkpoint-before.safetensors").status == 0);
  const std::vector<nlohmann::json> more = records(folder);
  REQUIRE(more.size() == all.size() + 1 + 2 + 10);
  CHECK(more[all.size()]["run"]["resumed_at"] == 10);
  for (std::size_t i = 0; i < more.size(); ++i)  // the same losses for the same steps
    for (std::size_t j = 0; j < i; ++j)
      if (more[i].contains("step") && more[j].contains("step") && more[i]["step"] == more[j]["step"] &&
          more[i]["split"] == more[j]["split"] && more[i]["step"] > 15)
        CHECK(more[i]["loss"] == more[j]["loss"]);
  std::vector<std::size_t> events;
  for (const auto& entry : fs::directory_iterator(folder.path() / "work" / "curves"))
    events.push_back(event_records(read_bytes(entry.path())).size());
  std::sort(events.begin(), events.end());
  // The version, three curves every fifth step, a validation after each; the second file tells where it goes on.
  CHECK(events == std::vector<std::size_t>{2 + 3 * 2 + 10, 1 + 3 * 4 + 20});
}

TEST_CASE("logs: flags and files that cannot be used", "[programs]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "work");
  folder.write("work/mine", "mine");
  const auto check = [&](const std::string& arguments, const std::string& expected) {
    check_refused(run(folder, arguments, "", "timeseries"), 2, expected, "timeseries");
  };
  check("--log mine --steps 3", "mine: is there already");
  check("--log nowhere/log --steps 3", "nowhere/log");
  check("--tensorboard mine --steps 3", "mine");
  check("--log new --json new --steps 3", "--json new and --log new are the same file");
  check("--json mine --steps 3", "mine: would be replaced, but is no report of a program of heed's");
  check("--log '' --steps 3", "--log: no name");
  check("--log-every 3", "--log-every has no use without --log or --tensorboard");
  CHECK(read_bytes(folder.path() / "work/mine") == "mine");
}
